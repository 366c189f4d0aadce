#!/bin/bash
# kube-apiserver 1.20.2 for tests, built from Debian's source once and kept outside the checkout. Parts, by name:
#   build  the binary, unless it is there: some 8 CPU minutes. CI calls it; needs root, or sudo, for the packages it installs
#   up     etcd and kube-apiserver under $RUN; PORT, ETCD and PEER are their ports. Takes 4 s
#   apiserver  the same without certificates and etcd, which are there already
#   down   ends what `up` started, by pid
# There is no kubelet and no controller: what a test needs, it creates. 1.20 knows no CEL, so rules in CRDs are not checked.
set -eu
HELD=${VMCP_KUBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcp/kubernetes-1.20.2}

# The vendored reflect2 1.0.1 calls reflect.mapiterinit as Go had it before 1.18: built with Debian's Go the server dies at
# the first patch of an object with labels. Debian's reflect2 mends that. And validation takes "" for null since Go 1.17,
# which refuses `default: ""` of ToolHive's CRDs; one expression less in type.go mends that.
build() {
  [ -x "$HELD/kube-apiserver" ] && return
  local sudo=''; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends rsync golang-go make dpkg-dev etcd-server curl xz-utils openssl
  local site file go reflect2
  site=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -1)
  go="$HELD/build/src/k8s.io/kubernetes"; mkdir -p "$go" && cd "$HELD/build"
  file=$(curl -fs "$site/dists/bookworm/main/source/Sources.xz" | xz -dc | awk -v RS= '/^Package: kubernetes\n/' | grep -oE 'kubernetes_[^ ]*orig.tar.gz' | head -1)
  [ -s "$file" ] || curl -fsO "$site/pool/main/k/kubernetes/$file"
  tar xf "$file" --strip-components=1 -C "$go"
  apt-get download -q golang-github-modern-go-reflect2-dev && rm -rf r2 && dpkg -x golang-github-modern-go-reflect2-dev_*.deb r2
  cd "$go"; reflect2=vendor/github.com/modern-go/reflect2; rm -f $reflect2/*.go $reflect2/*.s
  cp "$HELD"/build/r2/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} $reflect2/; rm -f $reflect2/*_test.go
  sed -i 's/ || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data))//' vendor/k8s.io/kube-openapi/pkg/validation/validate/type.go
  GOPROXY=off GOFLAGS='' CGO_ENABLED=0 KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_COMMIT=0 KUBE_GIT_TREE_STATE=clean KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 \
    GOPATH="$HELD/build" nice make WHAT=cmd/kube-apiserver
  mv _output/bin/kube-apiserver "$HELD/" && rm -rf "$HELD/build"
}

# One authority; an administrator, the server, and the key that signs tokens of service accounts.
certs() {
  mkdir -p "$RUN/pki" && cd "$RUN/pki"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=test-ca -keyout ca.key -out ca.crt 2>/dev/null
  for who in 'admin:/O=system:masters/CN=admin' 'serve:/CN=localhost'; do
    n=${who%%:*}; openssl req -newkey rsa:2048 -nodes -subj "${who#*:}" -keyout "$n.key" -out "$n.csr" 2>/dev/null
    openssl x509 -req -in "$n.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$n.crt" \
      -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1,IP:10.96.0.1) 2>/dev/null
  done
  openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
}

background() { local n=$1; shift; "$@" >"$RUN/$n.log" 2>&1 & echo $! >"$RUN/$n.pid"; }

up() { certs; database; apiserver; }

database() {
  background etcd etcd --data-dir "$RUN/etcd" --listen-client-urls "http://127.0.0.1:$ETCD" --advertise-client-urls "http://127.0.0.1:$ETCD" \
    --listen-peer-urls "http://127.0.0.1:$PEER" --initial-advertise-peer-urls "http://127.0.0.1:$PEER" --initial-cluster "default=http://127.0.0.1:$PEER"
}

apiserver() {
  local pki="$RUN/pki"
  background apiserver "$HELD/kube-apiserver" --etcd-servers "http://127.0.0.1:$ETCD" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$PORT" \
    --service-cluster-ip-range 10.96.0.0/16 --tls-cert-file "$pki/serve.crt" --tls-private-key-file "$pki/serve.key" --client-ca-file "$pki/ca.crt" \
    --authorization-mode RBAC --endpoint-reconciler-type none --disable-admission-plugins ServiceAccount --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" --api-audiences https://kubernetes.default.svc
  for _ in $(seq 300); do
    curl -sf -m 2 --cacert "$pki/ca.crt" --cert "$pki/admin.crt" --key "$pki/admin.key" "https://127.0.0.1:$PORT/readyz" >/dev/null && return
    sleep 0.2
  done
  tail -5 "$RUN"/*.log; return 1
}

down() { for f in "$RUN"/*.pid; do kill "$(cat "$f")" 2>/dev/null || true; rm -f "$f"; done; }

for part in "$@"; do "$part"; done
