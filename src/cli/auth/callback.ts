/** Where a browser comes back to after a login: a port of this machine, for as long as the login takes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callback {
  readonly redirectUri: string;
  /** The URL that the browser came back with. */
  readonly returned: Promise<URL>;
  /** Tells the person in the browser how it ended, and closes the port. */
  close(outcome: string): Promise<void>;
}

/** Opens a free port of the loopback address alone. */
export async function openCallback(): Promise<Callback> {
  const { promise: returned, resolve } = Promise.withResolvers<URL>();
  const outcome = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
    if (request.method !== 'GET' || url?.pathname !== '/callback') return void response.writeHead(404).end();
    resolve(url);
    // Held until it is known how the login ended.
    void outcome.promise.then((text) =>
      response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
        .end(`${text}\n`),
    );
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    returned,
    close: (text) => {
      outcome.resolve(text);
      return new Promise((closed) => {
        server.close(() => closed());
        server.closeIdleConnections();
      });
    },
  };
}
