# The image of vmcp: Node, its C libraries and the program, and nothing else: no shell, no package manager.
#   npm run image                                       with docker, podman or buildah, with version and revision as labels
#   docker build --build-arg BASE=... .                 on another base
# Layers come in the order of how rarely they change: Node and libraries, modules, the program.

# Debian with Node and npm. The version is that of the devDependency `node` in package.json.
ARG BUILD_BASE=docker.io/library/node:24.21.0-bookworm-slim
# What the image starts from. `scratch` is tested. gcr.io/distroless/cc-debian12 should do; it has not been tried.
ARG BASE=scratch

FROM ${BUILD_BASE} AS system
WORKDIR /build
RUN command -v strip >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils; }
COPY scripts/image/ ./
RUN node system.ts /image

FROM ${BUILD_BASE} AS modules
WORKDIR /vmcp
COPY package.json package-lock.json .npmrc ./
COPY scripts/image/ image/
# A mirror of the npm registry, where there is one.
ARG NPM_REGISTRY=
# `npm sbom --omit=dev` would leave out what is also a tool of ours: it is asked once the tools are not named any more.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts ${NPM_REGISTRY:+--registry="$NPM_REGISTRY"} \
 && npm pkg delete devDependencies \
 && npm sbom --sbom-format=cyclonedx --sbom-type=application >/sbom.cdx.json \
 && mkdir -p /image/app \
 && mv node_modules /image/app/ \
 && node image/prune-modules.ts /image

FROM ${BUILD_BASE} AS program
WORKDIR /build
COPY . .
ARG NPM_REGISTRY=
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts ${NPM_REGISTRY:+--registry="$NPM_REGISTRY"} \
 && npm run build \
 && rm -rf node_modules
COPY --from=modules /image/app/node_modules /program/node_modules
COPY --from=modules /sbom.cdx.json /program/
RUN node scripts/image/program.ts /program

FROM ${BASE}
LABEL org.opencontainers.image.title="vmcp" \
      org.opencontainers.image.description="A virtual MCP server: one endpoint in front of many MCP servers, with Starlark code mode and its adoption metrics." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=system /image/ /
COPY --from=modules /image/ /
COPY --from=program /program/image/ /
ENV PATH=/usr/local/bin NODE_ENV=production
USER 65532:65532
WORKDIR /app
EXPOSE 4483
STOPSIGNAL SIGTERM
# The share of the container's memory that the gateway's heap may take; scripts get theirs of the rest (docs/deploy/sizing.md).
ENTRYPOINT ["/usr/local/bin/node", "--max-old-space-size-percentage=30", "/app/dist/cli/main.js"]
CMD ["serve", "--config=/etc/vmcp-config/config.yaml", "--host=0.0.0.0", "--port=4483"]
