/**
 * What grows by little pays by little, however large it is by then; and it ends at the memory that a script may hold, or at
 * the size that a value may have, never for what adding one element takes.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, run, scriptOptions, type StarlarkError, Thread, type ThreadOptions } from '../index.ts';

async function runScript(source: string, options: ThreadOptions): Promise<Thread> {
  const thread = new Thread(options);
  await run(
    compile(source, { filename: 'growth.star', fileOptions: scriptOptions, predeclared: [] }),
    thread,
    new Map(),
  );
  return thread;
}

const limits: ThreadOptions = { maxInOneGo: 3 * 2 ** 18, maxBytes: 2 ** 26 };

const large = {
  list: 'x = list(range(1000000))',
  dict: 'x = dict([(i, i) for i in range(200000)])',
  set: 'x = set(range(200000))',
};

/** Ways to grow a large value `x` by one: `i` is not in it. */
const ways: readonly [keyof typeof large, string][] = [
  ['list', 'x.append(i)'],
  ['list', 'x += [i]'],
  ['list', 'x += (i,)'],
  ['list', 'x += range(1)'],
  ['list', 'x.extend([i])'],
  ['list', 'x.extend({i: i})'],
  ['list', 'x.insert(len(x), i)'],
  ['dict', 'x[i] = i'],
  ['dict', 'x.setdefault(i, i)'],
  ['dict', 'x.update({i: i})'],
  ['dict', 'x.update([(i, i)])'],
  ['dict', 'x |= {i: i}'],
  ['set', 'x.add(i)'],
  ['set', 'x.update([i])'],
  ['set', 'x |= set([i])'],
];

for (const [kind, statement] of ways) {
  test(`${statement} on a large ${kind} pays for one element, not for all`, async () => {
    const turns = 2000;
    const program = (times: number): string =>
      `${large[kind]}\nfor i in range(1000000, ${1_000_000 + times}):\n  ${statement}\n`;
    const before = await runScript(program(0), limits);
    const { worked } = await runScript(program(turns), limits);
    assert.ok(worked - before.worked < 100 * turns, `${(worked - before.worked) / turns} elements each`);
  });
}

/** Programs that grow a value without end. */
const endless: readonly [string, string][] = [
  ['x = []', 'x.append(i)'],
  ['x = []', 'x.append(i * 1000003)'],
  ['x = []', 'x += [i]'],
  ['x = []', 'x.extend([i, i])'],
  ['x = []', 'x.insert(len(x), i)'],
  ['x = [0] * 1000000', 'x += [0] * 100000'],
];

describe('a list that grows without end', () => {
  for (const [first, statement] of endless) {
    test(`is told the memory that a script may hold: ${statement}`, async () => {
      const source = `${first}\nfor i in range(100000000):\n  ${statement}\n`;
      await assert.rejects(runScript(source, limits), (error: StarlarkError) => {
        assert.match(error.message, /a script may hold 67108864 bytes/u);
        return !error.inOneGo;
      });
    });
  }

  test('is told its size where a script may hold much more', async () => {
    const source = 'x = []\nfor i in range(100000000):\n  x.append(i)\n';
    await assert.rejects(
      runScript(source, { ...limits, maxBytes: 2 ** 30 }),
      /this list is as large as one may be/u,
    );
  });
});

test('a dict or set that grows without end is told its size, or the memory', async () => {
  for (const statement of ['d[i] = i', 's.add(i)', 'd.setdefault(i)', 's.update([i])', 'd |= {i: i}']) {
    const source = `d = {}\ns = set()\nfor i in range(100000000):\n  ${statement}\n`;
    await assert.rejects(runScript(source, limits), /this dict or set is as large as one may be/u);
    await assert.rejects(
      runScript(source, { ...limits, maxBytes: 2 ** 22 }),
      /a script may hold 4194304 bytes/u,
    );
  }
});

for (const source of [
  'x = [0] * 500000',
  'x = [0] * 2000000',
  'x = [0, 1] * 300000',
  'x = list(range(700000)) * 2',
]) {
  test(`${source} is no work to speak of`, async () => {
    await runScript(source, limits);
  });
}
