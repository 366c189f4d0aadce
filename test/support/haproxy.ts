import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { listensOn } from './listens-on.ts';

/** A balancer in front of several servers: one after the other, without affinity. */
export interface Balancer {
  readonly url: URL;
  stop(): Promise<void>;
}

/** @param addresses `host:port` of each server; one that refuses connections is left out until it is back */
export async function startBalancer(addresses: readonly string[]): Promise<Balancer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const servers = addresses.map(
    (address, index) => `  server s${index} ${address} check inter 200ms fall 3 rise 1`,
  );
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 1s
  timeout client 5m
  timeout server 5m
  retries 3
  option redispatch 1
  timeout check 5s
  option http-server-close
listen mcp
  bind 127.0.0.1:${port}
  balance roundrobin
  option httpchk GET /health
${servers.join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await listensOn(port);
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
