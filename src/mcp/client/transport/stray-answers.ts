/** What to make of text on a stream shared by all requests that settles none of them: whose answer it may have been. */
import { BackendError } from '../../../gateway/index.ts';
import type { PendingAnswers } from './pending-answers.ts';
import type { OnLog } from './transport.ts';

export interface StrayAnswersOptions {
  readonly backend: string;
  readonly pending: PendingAnswers;
  readonly onLog: OnLog;
}

export class StrayAnswers {
  readonly #options: StrayAnswersOptions;

  constructor(options: StrayAnswersOptions) {
    this.#options = options;
  }

  /** Fails the request that unreadable text answers, where it says which. A stray line of words answers none. */
  refuseText(text: string, what: string): void {
    const { backend, pending } = this.#options;
    this.#log('warn', what);
    const id = idOfAnswer(text, text);
    if (id === undefined) pending.notice(what);
    else pending.fail(id, new BackendError('bad-answer', backend, what));
  }

  /** An answer that comes late is none to worry about. One to what was never asked is the answer to what waits alone. */
  refuseId(id: unknown): void {
    const { backend, pending } = this.#options;
    if (pending.wasSent(id)) {
      this.#log('debug', `answered request ${String(id)}, which nothing waits for`);
      return;
    }
    const what = `answered a request that it was never sent (id ${JSON.stringify(id)?.slice(0, 40)})`;
    this.#log('warn', what);
    if (!pending.failOnly(new BackendError('bad-answer', backend, what))) pending.notice(what);
  }

  #log(level: 'debug' | 'warn', message: string): void {
    const { backend, onLog } = this.#options;
    onLog({ level, backend, message });
  }
}

/** The id of the request that a message answers, which stands at one end of it or the other. Both may be the whole text. */
export function idOfAnswer(head: string, tail: string): number | undefined {
  if (/^\s*\{[^{[]*"method"\s*:/.test(head)) return undefined;
  const atStart = /^\s*\{[^{[]*"id"\s*:\s*(\d+)/.exec(head)?.[1];
  const id = /"id"\s*:\s*(\d+)\s*\}\s*$/.exec(tail.slice(-100))?.[1] ?? atStart;
  return id === undefined ? undefined : Number(id);
}
