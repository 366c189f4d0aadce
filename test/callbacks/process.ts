import type { ChildProcess } from 'node:child_process';
import { RunningChildren } from '../../src/mcp/client/transport/stdio/child.ts';
import { StdioTransport, type StdioOptions } from '../../src/mcp/client/transport/stdio/stdio.ts';
import type { TransportEvents } from '../../src/mcp/client/transport/transport.ts';
import type { Case, Cases, Plant } from './plant.ts';

/** Hands the process to a test as soon as it is there. */
class WatchedChildren extends RunningChildren {
  readonly #onStart: (child: ChildProcess) => void;

  constructor(onStart: (child: ChildProcess) => void) {
    super();
    this.#onStart = onStart;
  }

  override add(child: ChildProcess): void {
    super.add(child);
    this.#onStart(child);
  }
}

interface Parts {
  /** What the process does; it then ends. */
  readonly script?: string;
  readonly events?: Partial<TransportEvents>;
  readonly options?: Partial<StdioOptions>;
  readonly onStart?: (child: ChildProcess) => void;
}

function withProcess(plant: Plant, parts: Parts): Promise<void> {
  const transport = new StdioTransport({
    backend: 'planted',
    command: { command: process.execPath, args: ['-e', parts.script ?? ''], env: {} },
    environment: process.env,
    children: new WatchedChildren(parts.onStart ?? (() => undefined)),
    limits: { maxMessageBytes: 1_000, closeGraceMs: 1_000 },
    onLog: () => undefined,
    onDefect: plant.onDefect,
    ...parts.options,
  });
  plant.t.after(() => transport.close());
  const events = { onMessage: () => undefined, onClose: () => undefined, ...parts.events };
  return transport.open(events, new AbortController().signal);
}

/** As a stream hands out a chunk, but for what it is. */
function odd(stream: 'stdout' | 'stderr'): Case {
  return (plant) =>
    withProcess(plant, {
      // Once it is listened to.
      onStart: (child) => queueMicrotask(() => child[stream]?.emit('data', { indexOf: plant.throwIt })),
    });
}

const notification = `console.log('{"jsonrpc":"2.0","method":"notifications/message"}')`;

export const processCases: Cases = {
  'a line of a process': (plant) =>
    withProcess(plant, { script: notification, events: { onMessage: plant.throwIt } }),
  'a long line of a process': (plant) =>
    withProcess(plant, { script: `console.log('x'.repeat(2000))`, options: { onLog: plant.throwIt } }),
  'a line of stderr': (plant) =>
    withProcess(plant, { script: `console.error('x')`, options: { onLog: plant.throwIt } }),
  'a long line of stderr': (plant) =>
    withProcess(plant, { script: `console.error('x'.repeat(20000))`, options: { onLog: plant.throwIt } }),
  'the output of a process (stdout)': odd('stdout'),
  'the output of a process (stderr)': odd('stderr'),
  'the end of a process': (plant) => withProcess(plant, { events: { onClose: plant.throwIt } }),
  'the clearing up after a process': (plant) =>
    withProcess(plant, {
      onStart: ({ stdin }) => {
        if (stdin === null) return;
        const { end } = stdin;
        stdin.end = () => {
          stdin.end = end;
          return plant.throwIt();
        };
      },
    }),
  'the failure of a process': (plant) =>
    withProcess(plant, {
      events: { onClose: plant.throwIt },
      options: { command: { command: 'no-such-command-anywhere', args: [], env: {} } },
    }).catch(() => undefined),
};
