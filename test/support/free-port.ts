import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux hands to whoever asks for any (from 32768), so that none of those takes it meanwhile. */
const lowest = 10_000;
const count = 22_000;

/**
 * A TCP port that nobody listens on, for a program that cannot tell which one it picked itself, or that stops listening and
 * starts again. Until this process ends, no other caller of this function in any process is given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    if ((await reserve(port)) && (await canListen(port))) return port;
  }
}

/** UDP ports are apart from those of TCP, so holding the one keeps others off without being in the way of the other. */
async function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref();
  const bound = once(socket, 'listening').then(() => true);
  socket.bind({ port, address: '127.0.0.1', exclusive: true });
  return bound.catch(() => false);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
