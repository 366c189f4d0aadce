/**
 * A backend for scripts: `echo` answers at once, `wait` after `ms`, `page` with 500 KB of JSON, after `ms` where it is
 * given. Bare node:http; prints its port.
 */
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { resultOf } from '../gateway/messages.ts';

interface Request {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly ms?: number } };
}

const tools = [
  { name: 'echo', inputSchema: { type: 'object' } },
  {
    name: 'wait',
    inputSchema: { type: 'object', properties: { ms: { type: 'integer' } }, required: ['ms'] },
  },
  { name: 'page', inputSchema: { type: 'object', properties: { ms: { type: 'integer' } } } },
];
const rows = Array.from({ length: 5000 }, (_, number) => ({ number, title: 'x'.repeat(75) }));
const page = JSON.stringify({
  content: [{ type: 'text', text: JSON.stringify(rows) }],
  resultType: 'complete',
});
/** Written beforehand: the regular calls, which are measured, come to this process too. */
const pageEnd = Buffer.from(`,"result":${page}}`);

/** Undefined for a notification, which gets no answer. */
async function answer({ id, method, params }: Request): Promise<string | Buffer | undefined> {
  if (id === undefined) return undefined;
  const { ms } = params?.arguments ?? {};
  if (ms !== undefined) await delay(ms);
  if (params?.name === 'page')
    return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)}`), pageEnd]);
  const result = resultOf({ method }, []);
  if (result !== undefined && method === 'tools/list') Object.assign(result, { tools });
  const outcome = result ? { result } : { error: { code: -32601, message: `no method ${method}` } };
  return JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    void answer(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Request).then((body) => {
      if (body === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
});
