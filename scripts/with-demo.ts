import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts the demo on a free port, does the work with its URL (without a path), and ends it. */
export async function withDemo(work: (url: string) => Promise<void>): Promise<void> {
  const demo = spawn(process.execPath, ['scripts/demo.ts', '--port', '0'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** The URL of the line that says the server is ready. */
  const readUrl = async (): Promise<string> => {
    for await (const line of createInterface({ input: demo.stderr })) {
      const url = /serves MCP on (http:\S+)\/mcp/.exec(line)?.[1];
      if (url !== undefined) {
        demo.stderr.resume();
        return url;
      }
    }
    throw new Error('the demo ended before it was ready');
  };
  try {
    await work(await readUrl());
  } finally {
    const ended = once(demo, 'exit');
    demo.kill('SIGTERM');
    await ended;
  }
}
