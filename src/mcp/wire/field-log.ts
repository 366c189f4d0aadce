import {
  type JsonObject,
  type MessageKind,
  type Misfit,
  misfitText,
  repairMessage,
} from '../../protocol/index.ts';

/** What is said of one backend's fields at most: one that makes up names could otherwise fill the log. */
const maxSaid = 500;

/** Places in lists are left out of what is compared: the third block's fault is the first one's. */
const places = /\[\d+\]/g;

/** Repairs the messages of one backend, and of clients to it, and says each kind of misfit once. */
export class FieldLog {
  readonly #onWarn: (message: string) => void;
  readonly #said = new Set<string>();

  constructor(onWarn: (message: string) => void) {
    this.#onWarn = onWarn;
  }

  /**
   * A message as the other side can take it: the value itself where all of its fields fit.
   * @param said the start of what is said of a misfit, as `answered tools/call of "a" with`
   * @param params of the request that a result answers
   * @returns undefined where it is of no use.
   */
  repair(
    kind: MessageKind,
    method: string,
    value: JsonObject,
    said: () => string,
    params?: JsonObject,
  ): JsonObject | undefined {
    const misfits: Misfit[] = [];
    const repaired = repairMessage(kind, method, value, misfits, params);
    if (misfits.length > 0) this.tell(said(), misfits);
    return repaired;
  }

  tell(start: string, misfits: readonly Misfit[]): void {
    for (const misfit of misfits) this.warn(`${start} ${misfitText(misfit)}`);
  }

  /** Says something that has not been said yet. */
  warn(message: string): void {
    const key = message.replace(places, '[]');
    if (this.#said.size > maxSaid || this.#said.has(key)) return;
    this.#said.add(key);
    this.#onWarn(message);
    if (this.#said.size > maxSaid) this.#onWarn('sends more kinds of odd fields than are told from here on');
  }
}
