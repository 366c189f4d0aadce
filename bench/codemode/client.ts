/** A client of `/mcp` in revision 2026-07-28 that reads as little as it can: the server is what is measured. */
import { Agent, request } from 'node:http';
import { requestHeaders, requestText } from '../gateway/messages.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });

export interface Answer {
  readonly text: string;
  readonly ms: number;
}

/** Calls a tool; the whole answer as text, and how long it took. */
export function callTool(url: string, name: string, args: object): Promise<Answer> {
  const headers = requestHeaders('2026-07-28', 'tools/call', name, undefined);
  return send(url, 'POST', headers, requestText('2026-07-28', 'tools/call', { name, arguments: args }));
}

/** Reads a page. */
export function get(url: string): Promise<Answer> {
  return send(url, 'GET', {}, undefined);
}

function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ text: Buffer.concat(chunks).toString('latin1'), ms: performance.now() - startedAt }),
      );
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that the server closed for its idleness just as it was taken up again.
      if (error.code === 'ECONNRESET' && sent.reusedSocket) resolve(send(url, method, headers, body));
      else reject(error);
    });
    sent.end(body);
  });
}
