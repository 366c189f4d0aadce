/**
 * Work that can be left at any of its steps and taken up again later, so that one large program does not keep others
 * waiting. Each step yields how much has been done since the one before, as `Thread.work` counts it.
 */
export type Steps<T> = Generator<number, T, void>;

/** What the compiler does for a character, of the program or of its code, in the time of so many elements. */
export const elementsPerCharacter = 4;

/** Does all the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
