/**
 * A backend that answers at once: bare node:http for both revisions, or a line reader with `--stdio`.
 * `node backend.ts TOOLS` prints its port. Each path `/NAME` is an MCP endpoint with tools `tool_0` … of its own.
 */
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { resultOf } from './messages.ts';

const [first] = process.argv.slice(2);
const stdio = first === '--stdio';
const toolNames = Array.from({ length: stdio ? 1 : Number(first ?? 1) }, (_, index) => `tool_${index}`);

/** Undefined for a notification, which gets no answer. */
function answer(text: string): string | undefined {
  const { id, ...request } = JSON.parse(text) as { id?: number | string; method: string };
  if (id === undefined) return undefined;
  const result = resultOf(request, toolNames);
  const outcome = result ? { result } : { error: { code: -32601, message: `no method ${request.method}` } };
  return JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
}

function serveHttp(): void {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = answer(Buffer.concat(chunks).toString('utf8'));
      if (body === undefined) return void response.writeHead(202).end();
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
  });
}

function serveStdio(): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const body = answer(line);
    if (body !== undefined) process.stdout.write(`${body}\n`);
  });
}

if (stdio) serveStdio();
else serveHttp();
