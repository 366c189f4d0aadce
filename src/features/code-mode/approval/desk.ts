/** Asks people about calls: calls of one script that wait together share a form. */
import { principalKey, type ToolCall } from '../../../gateway/index.ts';
import { report, type OnDefect } from '../../../lib/guarded.ts';
import type { Redact } from '../../../lib/redact.ts';
import { toError } from '../../../lib/thrown.ts';
import { isObject, ProtocolError } from '../../../protocol/index.ts';
import { answersOf, describeCall, no, toForm, yesToAll, type Answer } from './question.ts';

export interface DeskOptions {
  readonly timeoutMs: number;
  readonly redact: Redact;
  readonly onDefect?: OnDefect | undefined;
}

/** What became of a question. */
export type Verdict = Answer | 'no answer' | 'cannot ask' | 'too many';

/** Calls that share a form. */
const maxPerForm = 10;
/** How long the calls of a form are gathered. */
const gatherMs = 20;
/** Forms of one principal that are open at once. */
const maxOpenForms = 16;

interface Waiting {
  readonly call: ToolCall;
  readonly text: string;
  settle(verdict: Verdict): void;
}

/** The questions of one script. */
class Questions {
  readonly approved = new Set<string>();
  waiting: Waiting[] = [];
  isAsking = false;
}

export class ApprovalDesk {
  readonly #options: DeskOptions;
  readonly #ofRuns = new WeakMap<object, Questions>();
  readonly #openForms = new Map<string, number>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Asks whether a call may be made. The clocks of its script stand still meanwhile. Rejects only when it is cancelled. */
  async ask(call: ToolCall): Promise<Verdict> {
    const { script, client, caller } = call;
    const questions = this.#questionsOf(script?.run);
    if (questions.approved.has(call.name)) return yesToAll;
    if (!client.canAsk || !isObject(caller.capabilities['elicitation'])) return 'cannot ask';
    call.signal.throwIfAborted();
    const text = describeCall(call, this.#options.redact);
    const release = script?.holdClocks();
    try {
      const verdict = await new Promise<Verdict>((resolve, reject) => {
        const waiting: Waiting = { call, text, settle: resolve };
        questions.waiting.push(waiting);
        call.signal.addEventListener(
          'abort',
          () => {
            questions.waiting = questions.waiting.filter((other) => other !== waiting);
            reject(toError(call.signal.reason));
          },
          { once: true },
        );
        if (!questions.isAsking) this.#begin(questions);
      });
      if (call.trail !== undefined) call.trail.approval = { question: text, answer: verdict };
      return verdict;
    } finally {
      release?.();
    }
  }

  #questionsOf(run: object | undefined): Questions {
    if (run === undefined) return new Questions();
    const known = this.#ofRuns.get(run) ?? new Questions();
    this.#ofRuns.set(run, known);
    return known;
  }

  /** After a moment, in which calls of other branches of the script arrive. */
  #begin(questions: Questions): void {
    questions.isAsking = true;
    setTimeout(() => {
      this.#askAll(questions).catch((thrown: unknown) => {
        questions.isAsking = false;
        for (const { settle } of questions.waiting.splice(0)) settle(no);
        report('a question about a call', this.#options.onDefect, thrown);
      });
    }, gatherMs);
  }

  async #askAll(questions: Questions): Promise<void> {
    for (;;) {
      const form = questions.waiting.splice(0, maxPerForm);
      if (form.length === 0) break;
      const verdicts = await this.#askForm(form).catch((thrown: unknown) => {
        for (const { settle } of form) settle(no);
        throw thrown;
      });
      for (const [index, { call, settle }] of form.entries()) {
        const verdict = verdicts[index] ?? no;
        if (verdict === yesToAll) questions.approved.add(call.name);
        settle(verdict);
      }
      const settled = questions.waiting.filter(({ call }) => questions.approved.has(call.name));
      questions.waiting = questions.waiting.filter((each) => !settled.includes(each));
      for (const { settle } of settled) settle(yesToAll);
    }
    questions.isAsking = false;
  }

  async #askForm(form: readonly Waiting[]): Promise<Verdict[]> {
    const [first] = form;
    if (first === undefined) return [];
    const { client, caller, script } = first.call;
    const key = principalKey(caller.principal);
    const open = this.#openForms.get(key) ?? 0;
    if (open >= maxOpenForms) return form.map(() => 'too many');
    this.#openForms.set(key, open + 1);
    const stop = new AbortController();
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      late.resolve(undefined);
      stop.abort(new Error('not answered in time'));
    }, this.#options.timeoutMs);
    // A form that none of its calls waits for any more is taken back.
    let left = form.length;
    const leave = (): void => {
      if (--left > 0) return;
      late.resolve(undefined);
      stop.abort(new Error('the calls were cancelled'));
    };
    for (const { call } of form) call.signal.addEventListener('abort', leave, { once: true });
    try {
      const params = toForm(
        form.map(({ text }) => text),
        script !== undefined,
      );
      const reply = await Promise.race([
        client.request('elicitation/create', params, stop.signal),
        late.promise,
      ]);
      return reply === undefined ? form.map(() => 'no answer') : answersOf(reply, form.length);
    } catch (error) {
      if (error instanceof ProtocolError) return form.map(() => 'cannot ask');
      if (!stop.signal.aborted) throw error;
      return form.map(() => 'no answer');
    } finally {
      clearTimeout(timer);
      for (const { call } of form) call.signal.removeEventListener('abort', leave);
      const others = (this.#openForms.get(key) ?? 1) - 1;
      if (others > 0) this.#openForms.set(key, others);
      else this.#openForms.delete(key);
    }
  }
}
