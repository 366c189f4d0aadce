import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { here, root, start, startOnPort, until } from './processes.ts';
import { prepareCall, type Target } from './target.ts';

const both = ['2025-11-25', '2026-07-28'] as const;
const backendFile = resolve(here, 'backend.ts');

function configFile(name: string, content: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vmcp-bench-')), name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** The bare reverse proxy in front of the backend: what the ratios are taken against. */
export async function startProxy(backendPort: number): Promise<Target> {
  const proxy = await startOnPort('proxy.ts', String(backendPort));
  const url = `http://127.0.0.1:${proxy.port}/one`;
  return { name: 'bare proxy', url, tool: 'tool_0', revisions: both, close: () => proxy.close() };
}

/** The built vmcp in front of `backends` endpoints of the backend. */
export async function startVmcp(
  backendPort: number,
  backends = 1,
  args: readonly string[] = [],
): Promise<Target> {
  const cli = resolve(root, process.env['VMCP_CLI'] ?? 'dist/cli/main.js');
  const port = await freePort();
  const config = configFile('vmcp.yaml', {
    name: 'bench',
    backends: Array.from({ length: backends }, (_, index) => ({
      name: `b${index}`,
      url: `http://127.0.0.1:${backendPort}/b${index}`,
      transport: 'streamable-http',
    })),
  });
  const vmcp = start(process.execPath, [...args, cli, 'serve', '--config', config, '--port', String(port)]);
  const target: Target = {
    name: 'vmcp',
    url: `http://127.0.0.1:${port}/mcp`,
    tool: 'b0_tool_0',
    revisions: both,
    close: () => vmcp.close(),
  };
  await until(() => prepareCall(target, '2026-07-28'));
  return target;
}

function peerBinary(name: string): string {
  const file = resolve(root, 'bench/peers/node_modules/.bin', name);
  if (!existsSync(file)) throw new Error(`${name} is not installed: run \`npm ci\` in bench/peers`);
  return file;
}

/** supergateway: a stdio backend behind Streamable HTTP, with a session, since without one it starts a process per call. */
export async function startSupergateway(): Promise<Target> {
  const port = await freePort();
  const args = [
    '--stdio',
    `${process.execPath} ${backendFile} --stdio`,
    '--outputTransport',
    'streamableHttp',
  ];
  const peer = start(peerBinary('supergateway'), [
    ...args,
    '--stateful',
    '--port',
    String(port),
    '--logLevel',
    'none',
  ]);
  const url = `http://127.0.0.1:${port}/mcp`;
  const target: Target = {
    name: 'supergateway',
    url,
    tool: 'tool_0',
    revisions: ['2025-11-25'],
    close: () => peer.close(),
  };
  await until(() => prepareCall(target, '2025-11-25'));
  return target;
}

/** mcp-proxy: a stdio backend behind Streamable HTTP. */
export async function startMcpProxy(): Promise<Target> {
  const port = await freePort();
  const args = [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--no-eventStore',
    '--',
    process.execPath,
    backendFile,
    '--stdio',
  ];
  const peer = start(peerBinary('mcp-proxy'), args);
  const url = `http://127.0.0.1:${port}/mcp`;
  const target: Target = {
    name: 'mcp-proxy',
    url,
    tool: 'tool_0',
    revisions: both,
    close: () => peer.close(),
  };
  await until(() => prepareCall(target, '2025-11-25'));
  return target;
}

/** mcp-hub: the HTTP backend behind HTTP+SSE, the only transport it serves. `url` is that of its stream. */
export async function startMcpHub(backendPort: number): Promise<Target> {
  const port = await freePort();
  const config = configFile('hub.json', {
    mcpServers: { b0: { url: `http://127.0.0.1:${backendPort}/b0` } },
  });
  const peer = start(peerBinary('mcp-hub'), ['--port', String(port), '--config', config]);
  await until(async () => {
    const health = (await (
      await fetch(`http://127.0.0.1:${port}/api/health`, { headers: { connection: 'close' } })
    ).json()) as { state?: string };
    if (health.state !== 'ready') throw new Error(`mcp-hub is ${String(health.state)}`);
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  return { name: 'mcp-hub', url, tool: 'b0__tool_0', revisions: [], close: () => peer.close() };
}
