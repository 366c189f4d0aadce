/** What a process still points to, judged so that neither the collector nor the compiler has a say in it. */
import assert from 'node:assert/strict';
import { getHeapSpaceStatistics, queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is reachable after garbage was collected. */
export interface Held {
  /** JavaScript objects, functions among them. The same work leaves the same number, exactly. */
  readonly objects: number;
  /** Their bytes and those of strings and buffers, code apart; it differs by some 100 KB from one collection to the next. */
  readonly bytes: number;
}

const dataSpaces = ['new_space', 'old_space', 'new_large_object_space', 'large_object_space'];

type Collect = (options?: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/** Collects garbage: all of it, or that of the young generation alone. */
export function collectGarbage(options?: Parameters<Collect>[0]): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect(options);
}

/** Collects garbage and counts what is left in this thread's heap. Takes about half a second. */
export function held(): Held {
  collectGarbage();
  const objects = queryObjects(Object, { format: 'count' });
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => dataSpaces.includes(name));
  const { external } = process.memoryUsage();
  return { objects, bytes: spaces.reduce((sum, space) => sum + space.space_used_size, external) };
}

/**
 * Asserts that rounds of `callsEach` calls, `rounds` measured before the first and after each, keep nothing: fewer than one
 * object for every ten calls in all, and less than 100 bytes a call in most rounds. A call that keeps anything does
 * so in every round, while what the engine keeps for itself comes once.
 */
export function assertNothingKept(rounds: readonly Held[], callsEach: number): void {
  const grown = rounds.slice(1).map(({ objects, bytes }, index) => ({
    objects: objects - (rounds[index]?.objects ?? 0),
    bytes: bytes - (rounds[index]?.bytes ?? 0),
  }));
  const told = grown.map(({ objects, bytes }) => `${objects} objects, ${bytes} bytes`).join('; ');
  const objects = grown.reduce((sum, round) => sum + round.objects, 0);
  assert.ok(objects < (callsEach * grown.length) / 10, `rounds of ${callsEach} calls kept: ${told}`);
  const median = grown.map(({ bytes }) => bytes).toSorted((a, b) => a - b)[Math.floor(grown.length / 2)];
  assert.ok((median ?? Infinity) < callsEach * 100, `rounds of ${callsEach} calls kept: ${told}`);
}
