import assert from 'node:assert/strict';
import { ApprovalDesk } from '../../src/features/code-mode/approval/desk.ts';
import type { CallingScript, ClientPort } from '../../src/gateway/index.ts';
import { RunCounters } from '../../src/features/code-mode/shared/counters.ts';
import { defectOutcome } from '../../src/features/code-mode/shared/failure.ts';
import { InnerCalls } from '../../src/features/code-mode/gateway/inner-calls.ts';
import { defaultLimits } from '../../src/features/code-mode/defaults.ts';
import { createScriptPool, type ScriptPool } from '../../src/features/code-mode/gateway/pool.ts';
import type { ScriptOutcome, ToThread } from '../../src/features/code-mode/shared/protocol.ts';
import type { Usage } from '../../src/features/code-mode/shared/host-options.ts';
import type { ScriptProcessHandlers } from '../../src/features/code-mode/gateway/script-process.ts';
import { callScript } from '../../src/features/code-mode/gateway/script-call.ts';
import {
  ScriptThread,
  type ScriptThreadOptions,
} from '../../src/features/code-mode/gateway/script-thread.ts';
import { aCall, aCaller, aPlace, aRun } from '../codemode/fixtures/calls.ts';
import { scriptedJob, scriptedThread } from '../codemode/fixtures/scripted-job.ts';
import { FakeGateway } from '../fixtures/fake-gateway.ts';
import { eventually } from '../support/eventually.ts';
import type { Case, Cases, Plant } from './plant.ts';

const { signal } = new AbortController();
const figures = { steps: 1, bytesHeld: 1, parallelBranches: 0, toolBytes: 0 };
const done = { ok: true, result: '{"content":[]}', textBytes: 0, fields: ['content'] } as const;

/** A thread whose process is the test itself. */
function threadOf(
  plant: Plant,
  onLost: () => void = () => undefined,
  kill: () => Promise<void> = () => Promise.resolve(),
  askUsage: () => void = () => undefined,
) {
  let handlers: ScriptProcessHandlers | undefined;
  const sent: ToThread[] = [];
  const createProcess: ScriptThreadOptions['createProcess'] = (_options, given) => {
    handlers = given;
    return {
      send: (message) => void sent.push(message),
      sendEncoded: () => undefined,
      askUsage,
      ref: () => undefined,
      unref: () => undefined,
      kill,
    };
  };
  const thread = new ScriptThread({
    name: 'planted',
    workerFile: scriptedThread,
    memoryBudgetBytes: 64 * 2 ** 20,
    memoryLimitBytes: 64 * 2 ** 20,
    unresponsiveMs: 60_000,
    turnToReply: () => Promise.resolve(),
    onSilent: () => undefined,
    onAnswer: () => undefined,
    onLost,
    onDefect: plant.onDefect,
    createProcess,
  });
  plant.t.after(() => thread.close().catch(() => undefined));
  assert.ok(handlers);
  return { thread, handlers, lastRun: () => sent.findLast((message) => message.type === 'run')?.runId ?? 0 };
}

function assertInternal(outcome: ScriptOutcome | undefined): void {
  assert.ok(outcome?.ok === false && outcome.failure.code === 'internal', JSON.stringify(outcome));
}

/** Figures that cannot be written down. */
class PlantedCounters extends RunCounters {
  readonly #throwIt: () => never;

  constructor(throwIt: () => never) {
    super();
    this.#throwIt = throwIt;
  }

  override update(): void {
    this.#throwIt();
  }
}

let queued: Promise<void> = Promise.resolve();

/** For cases that share what would take long to start. */
function oneAfterAnother(run: (plant: Plant) => Promise<void>): Case {
  return (plant) => {
    const turn = queued.then(() => run(plant));
    queued = turn.catch(() => undefined);
    return turn;
  };
}

let current: Plant | undefined;
let pool: ScriptPool | undefined;

/** With room for one script. */
function sharedPool(): ScriptPool {
  pool ??= createScriptPool({
    threads: 1,
    workerFile: scriptedThread,
    memoryCeilingBytes: 1,
    unresponsiveMs: 600_000,
    onDefect: (thrown, where) => current?.onDefect(thrown, where),
  });
  return pool;
}

export const codeModeCases: Cases = {
  'a call of a script': async (plant) => {
    const inner = new FakeGateway({ planted: plant.throwIt });
    const options = { ...defaultLimits, ...aRun, span: undefined, onDefect: plant.onDefect };
    const calls = new InnerCalls(inner.ask, aCall('execute_tool_script', {}), options);
    const reply = (await calls.call('planted', '{}', signal, aPlace)).take();
    assert.deepEqual([reply.kind, 'code' in reply && reply.code], ['failed', 'tool_unavailable']);
  },
  'a call of a script (before it is made)': async (plant) => {
    const outer = Object.defineProperty(aCall('execute_tool_script', {}), 'client', { get: plant.throwIt });
    const options = { ...defaultLimits, ...aRun, span: undefined, onDefect: plant.onDefect };
    const calls = new InnerCalls(new FakeGateway().ask, outer, options);
    assert.equal((await calls.call('echo', '{}', signal, aPlace)).take().kind, 'failed');
  },

  'a question about a call': async (plant) => {
    const desk = new ApprovalDesk({
      timeoutMs: 60_000,
      redact: (text) => text,
      onDefect: plant.onDefect,
    });
    const run = {};
    let holds = 0;
    const script: CallingScript = {
      run,
      line: 1,
      holdClocks: () => {
        holds++;
        return () => void holds--;
      },
    };
    const ask = (request: ClientPort['request']) => {
      const client = { canAsk: true, notify: () => undefined, request };
      const caller = aCaller({ capabilities: { elicitation: {} } });
      return desk.ask(aCall('write', {}, { script, client, caller, origin: 'script' }));
    };
    assert.deepEqual(await Promise.all([ask(plant.rejectIt), ask(plant.rejectIt)]), ['no', 'no']);
    const accept = { action: 'accept', content: { call_1: 'yes' } };
    assert.equal(await ask(() => Promise.resolve(accept)), 'yes', 'the next question must be asked');
    assert.equal(holds, 0);
  },

  'a script': async (plant) => {
    const failing = {
      turnToBegin: () => Promise.resolve(),
      turnToAnswer: () => Promise.resolve(),
      run: () => Promise.resolve(defectOutcome(plant.value)),
    } as unknown as ScriptPool;
    const result = await callScript(aCall('execute_tool_script', { script: 'return 1' }), {
      ask: new FakeGateway().ask,
      limits: defaultLimits,
      // Told is where it was thrown, and not what it says.
      hooks: { pool: failing, onDefect: (_trace, where) => plant.onDefect(plant.value, where) },
      catalogOf: () => Promise.resolve({} as never),
    });
    assert.equal(result.isError, true);
  },

  'a message of a script thread': async (plant) => {
    const { thread, handlers, lastRun } = threadOf(plant);
    const failing = thread.start(scriptedJob([], { counters: new PlantedCounters(plant.throwIt) }));
    handlers.onMessage({ type: 'done', runId: lastRun(), outcome: done, figures }, []);
    assertInternal(await failing.outcome);
    const next = thread.start(scriptedJob([]));
    handlers.onMessage({ type: 'done', runId: lastRun(), outcome: done, figures }, []);
    assert.ok((await next.outcome)?.ok, 'the next script of the same thread must run');
  },
  'a message of a script thread (a call)': async (plant) => {
    const { thread, handlers, lastRun } = threadOf(plant);
    const { outcome } = thread.start({ ...scriptedJob([]), call: plant.rejectIt });
    handlers.onMessage({ type: 'call', runId: lastRun(), callId: 1, tool: 'x', args: '{}', figures }, []);
    assertInternal(await outcome);
  },

  'the usage of a script process': async (plant) => {
    const { thread, handlers } = threadOf(plant);
    const { outcome } = thread.start(scriptedJob([]));
    handlers.onUsage(
      Object.defineProperty({ holder: 0, begun: 0 }, 'cpuMs', { get: plant.throwIt }) as Usage,
    );
    handlers.onEnd('crashed');
    assert.equal((await outcome)?.ok, false);
  },

  'the watch over a script thread': (plant) => {
    const { thread } = threadOf(plant, undefined, undefined, plant.throwIt);
    void thread.start(scriptedJob([]));
  },

  'the pipe of a script thread': async (plant) => {
    const { thread, handlers } = threadOf(plant);
    const { outcome } = thread.start(scriptedJob([]));
    handlers.onBroken(plant.value);
    assert.equal((await outcome)?.ok, false);
  },

  'the loss of a script thread': async (plant) => {
    const { thread, handlers } = threadOf(plant, plant.throwIt);
    const { outcome } = thread.start(scriptedJob([]));
    handlers.onEnd('crashed');
    assert.equal((await outcome)?.ok, false);
  },

  'the end of a script thread': async (plant) => {
    const { thread, handlers } = threadOf(plant, () => undefined, plant.rejectIt);
    const { outcome } = thread.start(scriptedJob([]));
    handlers.onEnd('crashed');
    assert.equal((await outcome)?.ok, false);
  },

  'the queue of scripts': oneAfterAnother(async (plant) => {
    current = plant;
    let isPlanted = false;
    const counters = new RunCounters();
    Object.defineProperty(counters, 'bytesHeld', {
      get: () => (isPlanted ? plant.throwIt() : 1),
      set: () => {},
    });
    const letGo = Promise.withResolvers<void>();
    const hold = scriptedJob([['call', 'x']], {
      counters,
      call: async () => {
        await letGo.promise;
        return { kind: 'content', blocks: [] };
      },
    });
    const first = sharedPool().run(hold, signal);
    const second = sharedPool().run(scriptedJob([['return', 1]]), signal);
    await eventually(() => assert.equal(sharedPool().status.queued, 1));
    isPlanted = true;
    // Longer than until the queue is looked at.
    await new Promise((resolve) => setTimeout(resolve, 120));
    isPlanted = false;
    letGo.resolve();
    assert.ok((await first).ok);
    assert.ok((await second).ok, 'the script that waited must run');
  }),
};

/** Of what the cases share. */
export async function closeCodeMode(): Promise<void> {
  await pool?.close();
}
