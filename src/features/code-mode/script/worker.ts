/**
 * A script thread: receives tools and scripts, runs many scripts interleaved, and passes their calls to the main
 * thread. It has no access to the gateway beyond the messages of `protocol.ts`.
 */
import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { usedOnce } from '../../../lib/text-pieces.ts';
import { TransientMap } from '../../../lib/transient-map.ts';
import { ToolSet } from './bindings.ts';
import { Channel, channelFd } from '../shared/channel.ts';
import type { Figures } from '../shared/counters.ts';
import { CodeModeError } from '../shared/errors.ts';
import type { WorkerData } from '../shared/host-options.ts';
import type { FromThread, ReplyMessage, RunMessage, ToThread } from '../shared/protocol.ts';
import { defectOutcome } from '../shared/failure.ts';
import { ScriptRun } from './script-run.ts';
import { Slices } from './slices.ts';
import { Whereabouts } from '../shared/whereabouts.ts';

const { memoryBudgetBytes, cells } = workerData as WorkerData;

/** Characters from which a result is worth sending as bytes. */
const attachedLength = 16 * 1024;
/** How often the main thread is told how far runs have come that make no call, in ms. */
const tellEveryMs = 50;

const whereabouts = new Whereabouts(cells);
const slices = new Slices({ onTurn: (runId) => whereabouts.holds(runId) });

const toolSets = new Map<number, ToolSet>();
const runs = new TransientMap<number, ScriptRun>();

/** How far runs have come that the main thread has not heard of. */
const moved = new Map<number, Figures>();
let toldAt = 0;

const restMs = 0.05;
/** How long the thread works before a rest is due, in ms. */
const restEveryMs = 0.5;
/** A wait for messages that was as long as this was a rest, in ms. */
const restfulWaitMs = 0.02;
/** What the event loop had done at the last rest. */
let rested = performance.eventLoopUtilization();
const neverWoken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const channel = new Channel<FromThread, ToThread>(new Socket({ fd: channelFd }), (message) => {
  try {
    take(message);
  } catch (thrown) {
    // Other scripts of this thread have no part in it.
    if (!('runId' in message)) throw thrown;
    fail(message.runId, thrown);
  }
  rest();
});

function take(message: ToThread): void {
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
    case 'drop':
      runs.delete(message.runId);
      moved.delete(message.runId);
      break;
    case 'reply':
      void handOver(message);
      break;
    case 'recount':
      for (const run of runs.values()) run.recount();
      tell();
      break;
    case 'ping':
      whereabouts.answers(message.beat);
      send({ type: 'pong', beat: message.beat });
  }
}

send({ type: 'ready' });

/** Never rejects. */
async function start(message: RunMessage): Promise<void> {
  try {
    await runToItsEnd(message);
  } catch (thrown) {
    fail(message.runId, thrown);
  }
}

/** Ends a run for a reason that lies here, not in the script. */
function fail(runId: number, thrown: unknown): void {
  const run = runs.get(runId);
  const figures = run?.figures ?? { steps: 0, bytesHeld: 0, parallelBranches: 0, toolBytes: 0 };
  runs.delete(runId);
  moved.delete(runId);
  send({ type: 'done', runId, figures, outcome: defectOutcome(thrown) });
  run?.end(new CodeModeError('internal', 'the thread failed to serve this script'));
}

async function runToItsEnd(message: RunMessage): Promise<void> {
  const { runId } = message;
  const toolSet = toolSets.get(message.catalogId) ?? new ToolSet('[]');
  const run = new ScriptRun(message, toolSet, {
    send,
    moved: note,
    giveWay: () => giveWay(runId),
    rest,
    hasGrown,
  });
  runs.set(runId, run);
  await slices.next(runId, 'new');
  whereabouts.begins(runId);
  if (!runs.has(runId)) return;
  const outcome = await run.run();
  if (!runs.delete(runId)) return;
  moved.delete(runId);
  const done = { type: 'done', runId, figures: run.figures } as const;
  const { result } = outcome;
  if (typeof result !== 'string' || result.length < attachedLength) send({ ...done, outcome });
  else
    channel.send(
      { ...done, outcome: { ...outcome, result: [] } },
      usedOnce(new TextEncoder().encode(result)),
    );
}

async function handOver({ runId, callId, reply }: ReplyMessage): Promise<void> {
  await slices.next(runId, 'new');
  runs.get(runId)?.reply(callId, reply);
}

function send(message: FromThread): void {
  channel.send(message);
}

function note(runId: number, figures: Figures): void {
  moved.set(runId, figures);
}

function tell(): void {
  if (moved.size === 0) return;
  send({ type: 'figures', runs: [...moved] });
  moved.clear();
  toldAt = performance.now();
}

/**
 * Until the run's next turn: messages are read, other scripts get their slices, and the largest pays for a shortage. A
 * run that was dropped has no next turn; nothing refers to it then.
 */
async function giveWay(runId: number): Promise<void> {
  relieve();
  if (performance.now() - toldAt >= tellEveryMs) tell();
  rest();
  await slices.next(runId, 'further');
  if (!runs.has(runId)) await new Promise(() => undefined);
}

/**
 * Leaves the processor for a moment, to whoever waits for it, if the thread has worked for a while: on one script, or on
 * many short messages. The kernel lets a thread that computes finish a slice of up to 4 ms before others that have
 * become ready, be they the gateway or a backend.
 */
function rest(): void {
  const loop = performance.eventLoopUtilization();
  if (loop.idle - rested.idle > restfulWaitMs) rested = loop;
  if (loop.active - rested.active < restEveryMs) return;
  Atomics.wait(neverWoken, 0, 0, restMs);
  rested = performance.eventLoopUtilization();
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
    const found = largest.recount();
    if (found === 'counted') continue;
    if (found === 'known') largest.end(shortage());
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
