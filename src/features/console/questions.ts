import { randomBytes } from 'node:crypto';
import { isSamePrincipal, type Principal } from '../../gateway/index.ts';

interface Question {
  readonly person: Principal;
  readonly settle: (allowed: boolean) => void;
}

/** What running scripts wait to be told: whether a call may be made that can change something. */
export class Questions {
  readonly #open = new Map<string, Question>();

  /**
   * Asks, and waits for the answer; no answer before the run ends means no.
   * @param ask told the question's name, for the page to answer by
   */
  async put(person: Principal, signal: AbortSignal, ask: (question: string) => void): Promise<boolean> {
    if (signal.aborted) return false;
    const id = randomBytes(16).toString('base64url');
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const refuse = (): void => resolve(false);
    signal.addEventListener('abort', refuse, { once: true });
    this.#open.set(id, { person, settle: resolve });
    try {
      ask(id);
      return await promise;
    } finally {
      this.#open.delete(id);
      signal.removeEventListener('abort', refuse);
    }
  }

  /** Answers a question of this person's. False where there is none: its run has ended. */
  answer(id: string, person: Principal, allowed: boolean): boolean {
    const question = this.#open.get(id);
    if (question === undefined || !isSamePrincipal(question.person, person)) return false;
    question.settle(allowed);
    return true;
  }
}
