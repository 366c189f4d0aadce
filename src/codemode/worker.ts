/**
 * A script thread: receives tools and scripts, runs many scripts interleaved, and passes their calls to the main
 * thread. It has no access to the gateway beyond the messages of `protocol.ts`.
 */
import { getPriority, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { TransientMap } from '../lib/transient-map.ts';
import { ToolSet } from './bindings.ts';
import { CodeModeError } from './errors.ts';
import type { FromThread, RunMessage, ScriptOutcome, ToThread } from './protocol.ts';
import { ScriptRun } from './script-run.ts';

if (parentPort === null) throw new Error('worker.ts runs as a script thread of a pool, not by itself');
const port = parentPort;
const { memoryBudgetBytes } = workerData as { memoryBudgetBytes: number };

/** Characters from which a result is worth the bytes. */
const handedOverLength = 16 * 1024;

const toolSets = new Map<number, ToolSet>();
const runs = new TransientMap<number, ScriptRun>();

// Where threads have priorities of their own, scripts give way to the thread that serves everyone: by a third of its
// weight where both want one processor, not so far that scripts starve on a busy machine.
if (platform() === 'linux') setPriority(Math.min(19, getPriority() + 5));

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'catalog':
      toolSets.set(message.catalogId, new ToolSet(message.text));
      break;
    case 'forget':
      toolSets.delete(message.catalogId);
      break;
    case 'run':
      void start(message);
      break;
    case 'stop':
      runs.get(message.runId)?.stop(message.reason);
      break;
    case 'reply':
      runs.get(message.runId)?.reply(message.callId, message.reply);
      break;
    case 'recount':
      for (const run of runs.values()) run.recount();
      break;
    case 'ping':
      send({ type: 'pong', beat: message.beat });
  }
});

async function start(message: RunMessage): Promise<void> {
  const toolSet = toolSets.get(message.catalogId) ?? new ToolSet('[]');
  const run = new ScriptRun(message, toolSet, { send, giveWay, hasGrown });
  runs.set(message.runId, run);
  const outcome = await run.run();
  runs.delete(message.runId);
  sendOutcome(message.runId, outcome);
}

/** Text is copied on its way between threads; the bytes of a large one are handed over. */
function sendOutcome(runId: number, outcome: ScriptOutcome): void {
  const { result } = outcome;
  if (typeof result !== 'string' || result.length < handedOverLength)
    return send({ type: 'done', runId, outcome });
  const bytes = new TextEncoder().encode(result);
  port.postMessage({ type: 'done', runId, outcome: { ...outcome, result: bytes } } satisfies FromThread, [
    bytes.buffer,
  ]);
}

function send(message: FromThread): void {
  port.postMessage(message);
}

/** One turn of the event loop: messages are read, other scripts get their slice, and the largest pays for a shortage. */
async function giveWay(): Promise<void> {
  relieve();
  await new Promise((resolve) => setImmediate(resolve));
}

/** What has just arrived can be counted only once the script has taken it. */
function hasGrown(): void {
  setImmediate(relieve);
}

/** While the scripts hold too much, counts the largest anew, and ends it once it is known to hold that much. */
function relieve(): void {
  for (;;) {
    const all = [...runs.values()];
    const held = all.reduce((sum, run) => sum + run.bytesHeld, 0);
    if (held <= memoryBudgetBytes) return;
    const largest = all.reduce((most, run) => (run.bytesHeld > most.bytesHeld ? run : most));
    if (largest.recount()) continue;
    largest.end(shortage());
    return;
  }
}

function shortage(): CodeModeError {
  return new CodeModeError(
    'memory_ceiling',
    `the scripts that run at the moment hold more memory than the gateway has for them (${memoryBudgetBytes} bytes), ` +
      'and this one held the most. Handle fewer items at a time, or run the script again later.',
    { limit: 'memoryLimit' },
  );
}
