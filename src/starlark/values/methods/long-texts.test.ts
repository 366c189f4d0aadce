/** What the string methods do in pieces comes to the same as at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, modules, run, scriptOptions, Thread, toStr, type Value } from '../../index.ts';

/** Longer than any piece; what matters lies at all distances from where pieces end. */
const parts = ['a line of words\n', 'ÀÉ\r\n', '\u{1f63f}', ' \t ', 'ß', 'x\u2028', 'end\r', 'ab'];
const half = Array.from({ length: 30_000 }, (_, i) => parts[(i * i + (i >> 3)) % parts.length]).join('');
const long = `${half}<here>${half}`;

const program = (expression: string): ReturnType<typeof compile> =>
  compile(`return ${expression}`, { filename: 'x', fileOptions: scriptOptions, predeclared: ['x', 'json'] });

async function evaluate(expression: string, x: Value): Promise<Value> {
  const predeclared = new Map<string, Value>([
    ['x', x],
    ['json', modules.json],
  ]);
  return (await run(program(expression), new Thread(), predeclared)).value;
}

/** The values of a list, as JavaScript's. */
async function texts(expression: string, x: Value): Promise<readonly Value[]> {
  return ((await evaluate(expression, x)) as { elems: readonly Value[] }).elems;
}

const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

describe('a long text', () => {
  const values: [string, unknown][] = [
    ['x.upper()', long.toUpperCase()],
    ['x.lower()', long.toLowerCase()],
    ['(x + "\u0391\u03a3").lower()', `${long}\u0391\u03a3`.toLowerCase()],
    ['x.replace("ab", "CDE")', long.replaceAll('ab', 'CDE')],
    ['x.replace("", "-", 5)', Array.from(long, (c, i) => (i < 5 ? `-${c}` : c)).join('')],
    ['len(x.replace("", "-"))', long.length + Array.from(long).length + 1],
    ['x.count("a")', long.split('a').length - 1],
    ['x.count("e of w")', long.split('e of w').length - 1],
    ['x.count("")', Array.from(long).length + 1],
    ['x.find("<here>")', long.indexOf('<here>')],
    ['x.rfind("<here>")', long.lastIndexOf('<here>')],
    ['x.find("nowhere")', -1],
    ['x.rfind("a")', long.lastIndexOf('a')],
    ['"<here>" in x', long.includes('<here>')],
    ['"nowhere" not in x', true],
    ['len(x.codepoints())', Array.from(long).length],
    ['x.isspace()', false],
    ['(" " * 100000).isspace()', true],
    ['("\u{10400}" * 50001).isalpha()', true],
    ['("\u{10400}" * 50001).isalnum()', true],
    ['("\u{10400}" * 50001).isupper()', true],
    ['("\u{10428}" * 50001).islower()', true],
    ['("7" * 100000 + "x").isdigit()', false],
    ['("Ab " * 50001).istitle()', true],
    ['x.partition("<here>")[2]', long.slice(long.indexOf('<here>') + 6)],
    ['x.rpartition("<here>")[0]', long.slice(0, long.lastIndexOf('<here>'))],
    ['("  " * 60000 + "a" + " " * 70000).strip()', 'a'],
    ['"".join(x.elems())', long],
    ['"-".join(x.split("a"))', long.split('a').join('-')],
    ['str(bytes(x))', long],
    ['len(repr(x)) > len(x)', true],
    ['json.decode(json.encode(x)) == x', true],
  ];
  for (const [expression, expected] of values) {
    test(`${expression} is as it is of a short one`, async () => {
      assert.ok((await evaluate(expression, long)) === expected);
    });
  }

  test('is split as JavaScript splits it', async () => {
    assert.deepEqual(await texts('x.split("ab")', long), long.split('ab'));
    assert.deepEqual(await texts('x.rsplit("ab")', long), long.split('ab'));
    const words = long.split(space).filter((word) => word !== '');
    assert.deepEqual(await texts('x.split()', long), words);
    assert.deepEqual(await texts('x.rsplit()', long), words);
    assert.deepEqual((await texts('x.split(None, 3)', long)).slice(0, 3), words.slice(0, 3));
    assert.deepEqual((await texts('x.rsplit(None, 3)', long)).slice(1), words.slice(-3));
    const cut = await texts('x.split("ab", 7)', long);
    assert.equal(cut.length, 8);
    assert.equal(cut.join('ab'), long);
    const cutRight = await texts('x.rsplit("ab", 7)', long);
    assert.equal(cutRight.length, 8);
    assert.equal(cutRight.join('ab'), long);
    assert.deepEqual(cutRight.slice(1), long.split('ab').slice(-7));
  });

  test('is split into lines at each way to end one', async () => {
    const lines = long.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/gu) ?? [];
    assert.deepEqual(await texts('x.splitlines(True)', long), [...lines]);
    assert.deepEqual(
      await texts('x.splitlines()', long),
      lines.map((line) => line.replace(/\r\n$|[\r\n]$/u, '')),
    );
    const plain = long.replaceAll('\r', '');
    assert.deepEqual(await texts('x.splitlines()', plain), plain.replace(/\n$/u, '').split('\n'));
  });
});

test('bytes that are no text are shown in pieces as at once', async () => {
  const thread = new Thread();
  for (const unit of ['é', '\u{1f63f}', 'a']) {
    const whole = await evaluate('bytes(x)', unit.repeat(40_001));
    assert.equal(toStr(thread, whole), unit.repeat(40_001));
  }
});
