import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  compile,
  modules,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  toStr,
  universe,
  type Value,
} from '../../../src/starlark/index.ts';
import { parse } from '../../../src/starlark/syntax/parser.ts';
import { Source } from '../../../src/starlark/syntax/source.ts';
import { printFile } from './print-tree.ts';
import { programs } from './random-program.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

/** Runs of each property; FUZZ_RUNS makes it search longer. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);
const fileOptions = { ...scriptOptions, while: true, recursion: true };
const predeclared = new Map<string, Value>([...scriptBuiltins(), ...Object.entries(modules)]);
const limits = { maxSteps: 20_000, maxBytes: 1 << 20, maxDepth: 100, maxPrintBytes: 10_000, maxParallel: 3 };

/** What came of running a text: a value's text or an error's code; anything else that is thrown is a fault of ours. */
async function outcomeOf(text: string): Promise<{ outcome: string; steps: number }> {
  const thread = new Thread(limits);
  try {
    const program = compile(text, { filename: 'fuzz.star', fileOptions, predeclared: predeclared.keys() });
    const { value, globals } = await run(program, thread, predeclared);
    const shown = [value, ...globals.values()].map((each) => toStr(new Thread(), each)).join(' ');
    return { outcome: shown, steps: thread.steps };
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    assert.notEqual(
      error.code,
      'internal',
      `${error.format()}\n${String((error.cause as Error | undefined)?.stack)}`,
    );
    error.format();
    return { outcome: error.format(), steps: thread.steps };
  }
}

/** Fails when it takes longer than any text of this size may. */
async function within(limitMs: number, act: () => Promise<unknown>): Promise<void> {
  const { user } = process.cpuUsage();
  await act();
  const tookMs = (process.cpuUsage().user - user) / 1000;
  assert.ok(tookMs < limitMs, `took ${tookMs} ms`);
}

function readCorpus(): string[] {
  const folders = ['bench/starlark/programs', 'test/starlark/script', 'test/starlark/spec'];
  const root = resolve(import.meta.dirname, '../../..');
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.star'))
      .flatMap((name) => readFileSync(join(root, folder, name), 'utf8').split(/^---$/m)),
  );
}

const corpus = readCorpus();
const fragments = fc.constantFrom(
  ...'def if elif else for in while return lambda load not and or pass break continue True None'.split(' '),
  ...'( ) [ ] { } : , . ; = == != < <= + - * ** / // % | & ^ ~ << >> += -> := @ $ ! ? \\'.split(' '),
  ...['\n', '\n  ', '\n    ', '\t', ' ', '\r\n', '\0', '\u2028', '\ufeff', 'é', '💥', '\ud800'],
  ...['x', 'y', '__proto__', '0', '1', '0x', '0b1', '1.', '1e', '.5', '08', '1_0', '"', "'", '"""', "'''"],
  ...[
    '"a"',
    'r"\\"',
    'b"\\xff"',
    'f"{x}"',
    'f"{',
    '}"',
    'f"{x:{y}}"',
    '"\\u12"',
    '# comment',
    'import',
    'is',
  ],
);

const mutated = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.oneof(fragments, fc.string({ maxLength: 4 }))), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [at, length, added]) => {
      const start = edited.length === 0 ? 0 : at % edited.length;
      return edited.slice(0, start) + added + edited.slice(start + length);
    }, text),
  );

describe('whatever the text', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join(' ')),
  );

  test('random text is read or refused, quickly and with a Starlark error', async () => {
    await fc.assert(
      fc.asyncProperty(texts, (text) => within(2000, () => outcomeOf(text))),
      { numRuns: numRuns * 10 },
    );
  });

  test('programs with a few changes run or fail, within their limits and with a Starlark error', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, (text) => within(5000, () => outcomeOf(text))),
      { numRuns },
    );
  });

  test('what is nested deeply is refused, not a crash', async () => {
    for (const count of [150, 300, 5000, 100_000]) {
      for (const [open, close] of [
        '()',
        '[]',
        '{}',
        ['-', ''],
        ['not ', ''],
        ['lambda: ', ''],
        ['x[', ']'],
        ['f(', ')'],
        ['x + ', ''],
        ['a.', ''],
        ['1 if x else ', ''],
      ]) {
        await within(5000, () => outcomeOf(`x = ${open!.repeat(count)}1${close!.repeat(count)}`));
      }
      await within(5000, () =>
        outcomeOf(
          Array.from({ length: Math.min(count, 300) }, (_, at) => `${' '.repeat(at)}if x:\n`).join(''),
        ),
      );
      await within(5000, () => outcomeOf(`if x:\n  pass\n${'elif x:\n  pass\n'.repeat(count)}`));
    }
  });
});

describe('whatever the program', () => {
  test('random programs run or fail within their limits, with a Starlark error', async () => {
    await fc.assert(
      fc.asyncProperty(programs(), (text) => within(5000, () => outcomeOf(text))),
      { numRuns: numRuns * 3 },
    );
  });

  test('the same program does the same again, in as many steps', async () => {
    await fc.assert(
      fc.asyncProperty(programs(), async (text) => {
        assert.deepEqual(await outcomeOf(text), await outcomeOf(text));
      }),
      { numRuns },
    );
  });
});

describe('the parser', () => {
  function printed(text: string): string | undefined {
    const { file, diagnostics } = parse(new Source('fuzz.star', text), { fStrings: true, python: true });
    return diagnostics.length > 0 ? undefined : printFile(file);
  }

  function agrees(text: string): void {
    const once = printed(text);
    if (once !== undefined) assert.equal(printed(once), once);
  }

  test('reads what is printed from a tree as the same tree', () => {
    for (const text of corpus) {
      const source = text.replace(/###.*/g, '');
      if (printed(source) !== undefined) agrees(source);
    }
    fc.assert(fc.property(programs(), agrees), { numRuns });
    fc.assert(fc.property(mutated, agrees), { numRuns });
  });
});

describe('the generated JavaScript', () => {
  const name = fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'arguments',
      'eval',
      'this',
      'await_',
      'R',
      'K',
      'H',
    ),
    fc.constantFrom(
      'M',
      'P',
      'G',
      't',
      'p',
      'v',
      'e',
      'k0',
      's0',
      '$0',
      'process',
      'globalThis',
      'require',
      'Function',
      'né',
    ),
    fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      '`${process.exit()}`',
      '");process.exit();("',
      '*/ /* //',
      '\u2028\u2029',
      '</script>',
      '\\',
      '\n',
      '__proto__',
    ),
  );

  /** A program that has each name in every place that a name can have, and each text in every place for text. */
  function programOf(names: readonly string[], texts: readonly string[]): string {
    const [x, y, z] = names as [string, string, string];
    const [s, u] = texts.map((each) => JSON.stringify(each).replace(/[^ -~]/g, escapeUnit)) as [
      string,
      string,
    ];
    return [
      `def ${x}(${y}, ${z} = ${s}, *, ${x}_ = 1, **${y}_):`,
      `    """${u.slice(1, -1).replaceAll('"', '')}"""`,
      `    ${z}_ = [${y} for ${y} in [1, 2] if ${y} != ${s}]`,
      `    return lambda: ({${s}: ${z}}, ${z}_, f'{${y}}', ${y}_)`,
      `${y} = ${x}(${s}, ${x}_ = 2)()`,
      `${z} = [attempt(lambda: ${y}.${x}), attempt(lambda: ${y}.${z}(${x} = ${u}))]`,
      `for ${x}__ in ${z}:`,
      `    ${y}__ = ${x}__["ok"] == ${u} or ${s} in {${u}: 1}`,
    ].join('\n');
  }

  function escapeUnit(character: string): string {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }

  function codeOf(source: string): string | undefined {
    try {
      const program = compile(source, { filename: 'f.star', fileOptions, predeclared: predeclared.keys() });
      return program.generatedCode(
        program.used.map((variable) => predeclared.get(variable.name) ?? universe.get(variable.name) ?? null),
      );
    } catch (error) {
      if (error instanceof StarlarkError) return undefined;
      throw error;
    }
  }

  test('is the same whatever the script calls its variables and whatever its strings say', () => {
    const plain = codeOf(programOf(['aaa', 'bbb', 'ccc'], ['one', 'two']));
    assert.ok(plain !== undefined);
    let compared = 0;
    const distinct = fc.uniqueArray(name, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(distinct, fc.uniqueArray(text, { minLength: 2, maxLength: 2 }), (names, texts) => {
        const code = codeOf(programOf(names, texts));
        // Equal texts share a constant, and names made from others may meet: neither is what this is about.
        const all = [...names, ...texts, 'ok'];
        if (
          code === undefined ||
          all.some((one, at) => all.some((other, i) => i !== at && other.startsWith(one)))
        )
          return;
        compared++;
        assert.equal(code.length, plain.length);
        assert.equal(code, plain);
      }),
      { numRuns: numRuns * 3 },
    );
    assert.ok(compared > numRuns / 3, `only ${compared} programs were compared`);
  });

  test('runs such scripts without meeting a prototype or a global', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 3, maxLength: 3 }),
        fc.uniqueArray(text, { minLength: 2, maxLength: 2 }),
        async (names, texts) => {
          await outcomeOf(programOf(names, texts));
        },
      ),
      { numRuns },
    );
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
