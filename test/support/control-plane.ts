/** A real API server of Kubernetes, and ToolHive's kinds for it. `scripts/control-plane.sh` builds it once and starts it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { repositoryRoot } from './vmcp.ts';

const script = join(repositoryRoot, 'scripts/control-plane.sh');
const crds = join(repositoryRoot, 'test/fixtures/toolhive/crds');

/** Why there is none here, or false. Locally it is skipped with a line that says so; in CI it is a failure. */
export function skipWithoutControlPlane(): string | false {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const held = process.env['VMCP_KUBE_CACHE'] ?? join(cache, 'vmcp/kubernetes-1.20.2');
  if (existsSync(join(held, 'kube-apiserver')) && existsSync('/usr/bin/etcd')) return false;
  const message = 'kube-apiserver is not built here (scripts/control-plane.sh build, some 8 CPU minutes)';
  if (process.env['CI']) throw new Error(`${message}, and CI skips nothing`);
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}

export interface ControlPlane {
  readonly port: number;
  /** As the administrator. Rejects with the server's words where it refuses. */
  ask(method: string, path: string, body?: object, contentType?: string): Promise<unknown>;
  /** Installs ToolHive's kinds. */
  installKinds(): Promise<void>;
  /** A folder like that of a pod: `token`, `ca.crt` and `namespace`. */
  serviceAccount(namespace: string, name: string): Promise<string>;
  /** Stops the API server and leaves etcd: what was known is there again after `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): void;
}

export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-control-plane-'));
  const port = await freePort();
  const etcd = await freePort();
  const peer = await freePort();
  const run = (part: string): void => {
    const env = { ...process.env, RUN: folder, PORT: String(port), ETCD: String(etcd), PEER: String(peer) };
    // Nothing of it may hold the pipes that the servers, which outlive it, would keep open.
    execFileSync('bash', [script, part], { env, stdio: 'ignore' });
  };
  run('up');
  return new RunningControlPlane(folder, port, run);
}

class RunningControlPlane implements ControlPlane {
  readonly port: number;
  readonly #folder: string;
  readonly #run: (part: string) => void;

  constructor(folder: string, port: number, run: (part: string) => void) {
    this.#folder = folder;
    this.port = port;
    this.#run = run;
  }

  ask(method: string, path: string, body?: object, contentType = 'application/json'): Promise<unknown> {
    const pki = (name: string): Buffer => readFileSync(join(this.#folder, 'pki', name));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const options = {
      host: '127.0.0.1',
      port: this.port,
      method,
      path,
      ca: pki('ca.crt'),
      cert: pki('admin.crt'),
      key: pki('admin.key'),
      headers: { 'content-type': contentType },
    };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${text}`));
      });
    })
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  }

  async installKinds(): Promise<void> {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const files = readdirSync(crds).filter((file) => file.endsWith('.json'));
    for (const file of files)
      await this.ask('POST', path, JSON.parse(readFileSync(join(crds, file), 'utf8')) as object);
    await eventually(async () => {
      for (const file of files)
        await this.ask('GET', `/apis/toolhive.stacklok.dev/v1beta1/${file.replace('.json', '')}`);
    });
  }

  async serviceAccount(namespace: string, name: string): Promise<string> {
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await this.ask('POST', accounts, { metadata: { name } });
    const path = `${accounts}/${name}/token`;
    const made = (await this.ask('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    })) as {
      status: { token: string };
    };
    const folder = mkdtempSync(join(this.#folder, 'account-'));
    writeFileSync(join(folder, 'token'), made.status.token);
    writeFileSync(join(folder, 'ca.crt'), readFileSync(join(this.#folder, 'pki/ca.crt')));
    writeFileSync(join(folder, 'namespace'), namespace);
    return folder;
  }

  async stop(): Promise<void> {
    // A server that ends in order holds its watches for a minute.
    process.kill(Number(readFileSync(join(this.#folder, 'apiserver.pid'), 'utf8')), 'SIGKILL');
    await eventually(async () => {
      const isGone = await this.ask('GET', '/version').then(
        () => false,
        () => true,
      );
      if (!isGone) throw new Error('the API server still answers');
    });
  }

  async start(): Promise<void> {
    this.#run('apiserver');
  }

  close(): void {
    this.#run('down');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
