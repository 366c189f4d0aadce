/**
 * Work that is done in pieces. A built-in function that goes through much pays for each piece before it does it, and lets
 * the driver give others their turn between two. What is small is one piece, done at once.
 *
 * Where the caller cannot be suspended, all pieces are done in one go, as far as `ThreadOptions.maxInOneGo` allows.
 */
import type { Value } from '../values/value.ts';
import type { Live } from './callable.ts';
import { begin, type Begun, uncounted } from './suspend.ts';
import type { Thread } from './thread.ts';

/** What a piece comes to, in elements: about a quarter of a millisecond. */
export const pieceElements: number = 2 ** 15;

/** Pieces of some work, in a generator: run by `yield*` from a Resumable. */
export type Pieces<Result = void> = Generator<Live, Result, void>;

/** Does a part, the items from `from` up to `to`. True when there is no need to go on. */
export type Piece = (from: number, to: number) => boolean | void;

/**
 * Goes through `count` items, each of which costs so many elements.
 * @param finish gives the result, once all is done
 */
export function inPieces(
  thread: Thread,
  count: number,
  cost: number,
  act: Piece,
  finish: () => Value,
): Begun {
  if (!isOnePiece(count * cost)) return begin(thread, finished(pieces(thread, count, cost, act), finish));
  thread.work(count * cost);
  act(0, count);
  return finish();
}

/**
 * The same, as a part of a longer work. True when `act` ended it.
 * @param most items in a piece, where `act` itself pays for what may be much more
 */
export function* pieces(
  thread: Thread,
  count: number,
  cost: number,
  act: Piece,
  most: number = count,
): Pieces<boolean> {
  const length = Math.max(1, Math.min(most, Math.floor(pieceElements / cost)));
  for (let from = 0; from < count; from += length) {
    const to = Math.min(from + length, count);
    if (thread.piece((to - from) * cost)) yield uncounted;
    if (act(from, to) === true) return true;
  }
  return false;
}

function* finished(work: Pieces<unknown>, finish: () => Value): Pieces<Value> {
  yield* work;
  return finish();
}

/** Whether so much is one piece, and need not be done in pieces. */
export function isOnePiece(elements: number): boolean {
  return elements <= pieceElements;
}

/** Does all pieces one after the other: for what cannot be suspended. */
export function atOnce<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
