import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { listensOn } from './listens-on.ts';

/** A real Redis of a test's own. */
export class RedisServer {
  readonly port: number;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  /** Starts one that keeps nothing on disk. */
  static async start(args: (port: number) => readonly string[] = () => []): Promise<RedisServer> {
    const port = await freePort();
    const server = new RedisServer(port, args(port));
    await server.restart();
    return server;
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    const { port } = this;
    this.#child = spawn(
      'redis-server',
      ['--port', `${port}`, '--save', '', '--bind', '127.0.0.1', ...this.#args],
      {
        stdio: 'ignore',
      },
    );
    await listensOn(port);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const over = once(child, 'exit');
    child.kill('SIGKILL');
    await over;
  }

  /** Has it stand still, connections and all, and go on. */
  pause(isPaused: boolean): void {
    this.#child?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }
}
