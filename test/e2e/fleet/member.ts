/** One server process of the fleet, with everything that was asked of it written down. */
import type { CodeModeName } from '../../../src/features/code-mode/modes.ts';
import { freePort } from '../../support/free-port.ts';
import type { Sample } from '../../support/metrics-text.ts';
import { modern } from '../../support/raw-mcp.ts';
import { startVmcp, type Vmcp } from '../../support/vmcp.ts';

export type CallKind = 'execute_tool_script' | 'tool_call';

/** A call from when it was sent to when its answer was read. Seconds since 1970; `end` is open while it is under way. */
export interface RecordedCall {
  readonly method: CallKind;
  readonly start: number;
  end: number | undefined;
  /** Undefined while it is under way, and for good when the process was killed before it answered. */
  status: 'success' | 'error' | undefined;
  /** Inner calls of a script that ran. */
  readonly innerCalls: number;
  /** UTF-8 bytes of what its calls answered it. */
  readonly toolBytes: number;
  /** UTF-8 bytes of the texts that a script answered. */
  clientBytes: number;
  /** A direct call that the mode `enforced` refuses. */
  readonly refused: boolean;
}

/** One life of a process: a restart begins another, with counters at 0. */
export interface Life {
  readonly calls: RecordedCall[];
  killedAt: number | undefined;
}

const word = 'ü€';
const answer = (n: unknown): number => Buffer.byteLength(JSON.stringify({ n }));

/** What can be asked of a server; `weight` is how often. */
export const operations = [
  { weight: 10, name: 'one_ok', innerCalls: 0, toolBytes: 0 },
  { weight: 2, name: 'one_fail', innerCalls: 0, toolBytes: 0 },
  { weight: 1, name: 'one_nowhere', innerCalls: 0, toolBytes: 0 },
  {
    weight: 4,
    script: 'return [one_ok(n = i) for i in range(3)]',
    innerCalls: 3,
    toolBytes: 3 * answer(0),
  },
  {
    weight: 2,
    script: `return parallel([lambda: one_ok(n = 1), lambda: one_ok(n = "${word}")])`,
    innerCalls: 2,
    toolBytes: answer(1) + answer(word),
  },
  { weight: 2, script: 'return len(one_big(bytes = 5000))', innerCalls: 1, toolBytes: 5000 },
  { weight: 1, script: 'one_ok(n = 1)\nreturn nowhere', innerCalls: 0, toolBytes: 0 },
  // What fails reaches the script as an error, which is no answer.
  { weight: 1, script: 'one_ok(n = 1)\none_fail()', innerCalls: 2, toolBytes: answer(1) },
] as const;
export type Operation = (typeof operations)[number];

export interface MemberOptions {
  readonly name: string;
  readonly enabled: boolean;
  /** In force while it is enabled; `alongside` unless given. */
  readonly mode?: CodeModeName;
  /** Never sends scripts to it. */
  readonly regularOnly?: boolean;
  readonly backendUrl: string;
}

export class Member {
  readonly name: string;
  readonly regularOnly: boolean;
  enabled: boolean;
  mode: CodeModeName;
  /** `host:port`, the same after a restart. */
  address = '';
  readonly lives: Life[] = [];
  readonly #backendUrl: string;
  #process: Vmcp | undefined;
  #underWay = 0;
  #resting = false;

  constructor({ name, enabled, mode = 'alongside', regularOnly = false, backendUrl }: MemberOptions) {
    this.name = name;
    this.enabled = enabled;
    this.mode = mode;
    this.regularOnly = regularOnly;
    this.#backendUrl = backendUrl;
  }

  /** On a port of its own, which stays its own when it is restarted. */
  async start(port?: number): Promise<void> {
    const process = await startVmcp(this.#config(), { port: port ?? (await freePort()) });
    await process.status(({ backends }) => backends.every(({ health }) => health === 'healthy'));
    // The new life first: a call that is made as soon as there is a process belongs to it.
    this.lives.push({ calls: [], killedAt: undefined });
    this.address = new URL(process.origin).host;
    this.#process = process;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Asks one thing and writes down what came of it. Does nothing while the member rests or is down. */
  async ask(operation: Operation): Promise<void> {
    const isScript = 'script' in operation;
    if (this.#process === undefined || this.#resting || (isScript && this.regularOnly)) return;
    const params = isScript
      ? { name: 'execute_tool_script', arguments: { script: operation.script } }
      : { name: operation.name, arguments: {} };
    const ran = isScript && this.enabled;
    const call: RecordedCall = {
      method: ran ? 'execute_tool_script' : 'tool_call',
      start: Date.now() / 1000,
      end: undefined,
      status: undefined,
      innerCalls: ran ? operation.innerCalls : 0,
      toolBytes: ran ? operation.toolBytes : 0,
      clientBytes: 0,
      refused: this.#enforces && !isScript && operation.name !== 'one_nowhere',
    };
    const life = this.lives.at(-1)!;
    life.calls.push(call);
    this.#underWay++;
    try {
      const { messages } = await modern(this.#process.mcpUrl, 'tools/call', params);
      const [answer] = messages.filter(({ id }) => id !== undefined);
      if (ran) call.clientBytes = textBytes(answer?.result?.['content']);
      call.status = answer?.result !== undefined && answer.result['isError'] !== true ? 'success' : 'error';
      call.end = Date.now() / 1000;
    } catch (error) {
      // The process was killed while it answered; anything else is a fault of the server.
      if (life.killedAt === undefined) throw error;
    } finally {
      this.#underWay--;
    }
  }

  /** Turns code mode over by a change of the file, with no call under way, and waits until it is in force. */
  async toggle(): Promise<void> {
    await this.#rest();
    this.enabled = !this.enabled;
    await this.#reload('toolhive_vmcp_code_mode_enabled', ({ value }) => value === Number(this.enabled));
  }

  /** Changes the mode in the same way. */
  async changeMode(mode: CodeModeName): Promise<void> {
    await this.#rest();
    this.mode = mode;
    await this.#reload('toolhive_vmcp_code_mode_info', ({ labels }) => labels['mode'] === mode);
  }

  async #reload(gauge: string, isInForce: (sample: Sample) => boolean): Promise<void> {
    this.#running.writeConfig(this.#config());
    for (const deadline = Date.now() + 60_000; ;) {
      const samples = await this.#running.metrics();
      if (samples.some((sample) => sample.name === gauge && isInForce(sample))) break;
      if (Date.now() > deadline)
        throw new Error(`${this.name} has not taken the change over; it said:\n${this.#running.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#resting = false;
  }

  get #enforces(): boolean {
    return this.enabled && this.mode === 'enforced';
  }

  /** Kills the process under load, and starts another on the same port. */
  async killAndRestart(pauseMs: number): Promise<void> {
    const port = Number(new URL(this.#running.origin).port);
    await this.kill();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await this.start(port);
  }

  async kill(): Promise<void> {
    const process = this.#running;
    this.lives.at(-1)!.killedAt = Date.now() / 1000;
    this.#process = undefined;
    process.signal('SIGKILL');
    await process.ended;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  async #rest(): Promise<void> {
    this.#resting = true;
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  get #running(): Vmcp {
    if (this.#process === undefined) throw new Error(`${this.name} is not running`);
    return this.#process;
  }

  #config(): object {
    return {
      name: this.name,
      backends: [{ name: 'one', url: this.#backendUrl, transport: 'streamable-http' }],
      codeMode: this.enabled ? { enabled: true, mode: this.mode } : { enabled: false },
    };
  }
}

function textBytes(content: unknown): number {
  if (!Array.isArray(content)) return 0;
  return (content as { readonly text?: string }[]).reduce(
    (sum, { text = '' }) => sum + Buffer.byteLength(text),
    0,
  );
}
