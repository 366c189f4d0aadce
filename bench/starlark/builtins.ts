/**
 * Every built-in function and method beside the Go interpreter's, with small and with large arguments:
 * `node bench/starlark/builtins.ts [--ms N] [name…]`. Needs Debian's golang-go and golang-starlark-dev. Prints how many times
 * as fast as Go each row is, the slowest first, and names what is in neither list, so that a new built-in is entered here.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  call,
  compile,
  modules,
  run,
  specOptions,
  type StarlarkFunction,
  Thread,
  universe,
} from '../../src/starlark/index.ts';
import { buildGo, nanosecondsOf } from './measure.ts';
import { methodTables } from '../../src/starlark/values/attributes.ts';

const rounds = 3;
const fileOptions = { ...specOptions, set: true, globalReassign: true };

/** What the rows work on, small and large. */
const setups: Readonly<Record<string, (size: number) => string>> = {
  small: () => setup(8),
  large: () => setup(4000),
};

function setup(size: number): string {
  return [
    `n = ${size}`,
    'xs = [(i * 7919) % 10007 for i in range(n)]',
    'names = ["name%d" % x for x in xs]',
    'text = " ".join(names)',
    'lines = "\\n".join(names)',
    'd = {name: i for i, name in enumerate(names)}',
    's = set(xs)',
    'pairs = [(name, i) for i, name in enumerate(names)]',
    'doc = {"items": [{"id": i, "name": name} for i, name in enumerate(names)]}',
    'coded = json.encode(doc)',
    '',
  ].join('\n');
}

/** By the name of a built-in function or `type.method`: what to call, with the names of the setup. */
const rows: Readonly<Record<string, string>> = {
  all: 'all(xs)',
  any: 'any([0] * n)',
  bool: 'bool(xs)',
  chr: 'chr(97)',
  dict: 'dict(pairs)',
  dir: 'dir(text)',
  enumerate: 'enumerate(xs)',
  float: 'float("1.5")',
  getattr: 'getattr(text, "upper")',
  hasattr: 'hasattr(text, "upper")',
  hash: 'hash(text)',
  int: 'int("12345")',
  len: 'len(xs)',
  list: 'list(xs)',
  max: 'max(xs)',
  'max key': 'max(xs, key = lambda x: -x)',
  min: 'min(names)',
  ord: 'ord("a")',
  range: 'list(range(n))',
  repr: 'repr(d)',
  reversed: 'reversed(xs)',
  set: 'set(xs)',
  sorted: 'sorted(xs)',
  'sorted texts': 'sorted(names)',
  'sorted key': 'sorted(xs, key = lambda x: -x)',
  str: 'str(xs)',
  tuple: 'tuple(xs)',
  type: 'type(xs)',
  zip: 'zip(xs, names)',
  'string.capitalize': 'text.capitalize()',
  'string.codepoint_ords': 'list(text.codepoint_ords())',
  'string.codepoints': 'list(text.codepoints())',
  'string.count': 'text.count("a")',
  'string.elem_ords': 'list(text.elem_ords())',
  'string.elems': 'list(text.elems())',
  'string.endswith': 'text.endswith("7")',
  'string.find': 'text.find("zzz")',
  'string.format': '"{} {:} {x}".format(n, text, x = 1)'.replace('{:}', '{}'),
  'string.index': 'text.index("n")',
  'string.isalnum': 'text.isalnum()',
  'string.isalpha': 'text.isalpha()',
  'string.isdigit': 'text.isdigit()',
  'string.islower': 'text.islower()',
  'string.isspace': 'text.isspace()',
  'string.istitle': 'text.istitle()',
  'string.isupper': 'text.isupper()',
  'string.join': '",".join(names)',
  'string.lower': 'text.lower()',
  'string.lstrip': 'text.lstrip()',
  'string.partition': 'text.partition(" ")',
  'string.replace': 'text.replace("name", "n")',
  'string.rfind': 'text.rfind("zzz")',
  'string.rindex': 'text.rindex("n")',
  'string.rpartition': 'text.rpartition(" ")',
  'string.rsplit': 'text.rsplit(" ", 3)',
  'string.rstrip': 'text.rstrip()',
  'string.split': 'text.split(" ")',
  'string.splitlines': 'lines.splitlines()',
  'string.startswith': 'text.startswith("n")',
  'string.strip': 'text.strip()',
  'string.title': 'text.title()',
  'string.upper': 'text.upper()',
  'list.append': '[].append(n)',
  'list.clear': 'list(xs).clear()',
  'list.extend': '[].extend(xs)',
  'list.index': 'xs.index(xs[-1])',
  'list.insert': '[1].insert(0, n)',
  'list.pop': 'list(xs).pop()',
  'list.remove': 'list(xs).remove(xs[-1])',
  'dict.clear': 'dict(d).clear()',
  'dict.get': 'd.get("name0")',
  'dict.items': 'd.items()',
  'dict.keys': 'd.keys()',
  'dict.pop': '{"a": 1}.pop("a")',
  'dict.popitem': '{"a": 1}.popitem()',
  'dict.setdefault': 'd.setdefault("name0", 1)',
  'dict.update': '{}.update(d)',
  'dict.values': 'd.values()',
  'set.union': 's.union(xs)',
  'json.decode': 'json.decode(coded)',
  'json.encode': 'json.encode(doc)',
  'json.indent': 'json.indent(coded)',
};

/** What Debian's Go interpreter, of 2021, has not, or what no loop should call. */
const notInGo: readonly string[] = [
  ...['abs', 'bytes', 'fail', 'print', 'None', 'True', 'False', 'string.removeprefix', 'string.removesuffix'],
  ...[
    'bytes.elems',
    'set.add',
    'set.clear',
    'set.difference',
    'set.discard',
    'set.intersection',
    'set.issubset',
  ],
  ...[
    'set.issuperset',
    'set.pop',
    'set.remove',
    'set.symmetric_difference',
    'set.update',
    'set.difference_update',
    'set.intersection_update',
    'set.isdisjoint',
    'set.symmetric_difference_update',
  ],
  ...['json.encode_indent'],
];

interface Row {
  readonly name: string;
  readonly path: string;
  /** Nanoseconds of one call. */
  measure(budgetMs: number): Promise<number>;
}

/** Names of built-ins that no list has. */
function missing(): string[] {
  const methods = [...methodTables].flatMap(([type, table]) =>
    [...table.keys()].map((name) => `${type}.${name}`),
  );
  const members = [...modules.json.members.keys()].map((name) => `json.${name}`);
  return [...universe.keys(), ...methods, ...members].filter(
    (name) => !(name in rows) && !notInGo.includes(name),
  );
}

async function load(folder: string, name: string, size: string, expression: string): Promise<Row> {
  const calls = 200;
  const source = `${setups[size]!(0)}def bench():\n  for _ in range(${calls}): ${expression}\n`;
  const file = `${name.replaceAll(/\W/gu, '-')}-${size}.star`;
  const path = join(folder, file);
  writeFileSync(path, source);
  const values = new Map([['json', modules.json]]);
  const program = compile(source, { filename: file, fileOptions, predeclared: values.keys() });
  const { globals } = await run(program, new Thread(), values);
  const bench = globals.get('bench') as StarlarkFunction;
  return {
    name: `${name} (${size})`,
    path,
    measure: (budgetMs) => nanosecondsOf(() => call(new Thread(), bench, []), budgetMs),
  };
}

/** Infinity where its version lacks what the row calls. */
function measureGo(binary: string, path: string, budgetMs: number): number {
  try {
    return runGo(binary, path, budgetMs);
  } catch {
    return Infinity;
  }
}

function runGo(binary: string, path: string, budgetMs: number): number {
  const output = execFileSync(binary, ['-ms', String(budgetMs), path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(output.trim().split(' ')[1]);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { ms: { type: 'string', default: '60' } },
    allowPositionals: true,
  });
  const budgetMs = Number(values.ms);
  const folder = mkdtempSync(join(tmpdir(), 'starlark-builtins-'));
  try {
    const binary = buildGo(folder);
    const all: Row[] = [];
    for (const [name, expression] of Object.entries(rows))
      if (positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted)))
        for (const size of Object.keys(setups)) all.push(await load(folder, name, size, expression));
    const found: { name: string; ratio: number; line: string }[] = [];
    for (const row of all) {
      await row.measure(budgetMs / 2);
      let [ours, theirs] = [Infinity, Infinity];
      for (let round = 0; round < rounds; round++) {
        ours = Math.min(ours, await row.measure(budgetMs / rounds));
        theirs = Math.min(theirs, measureGo(binary, row.path, Math.ceil(budgetMs / rounds)));
      }
      const ratio = theirs / ours;
      if (ratio === Infinity) {
        console.log(`${row.name}: not in this Go version`);
        continue;
      }
      const line = `${row.name.padEnd(32)}${(ours / 1000).toFixed(1).padStart(10)}${(theirs / 1000).toFixed(1).padStart(10)} µs${ratio.toFixed(2).padStart(8)}`;
      found.push({ name: row.name, ratio, line });
    }
    console.log('row                                   ours        Go     faster');
    for (const { line } of found.toSorted((a, b) => a.ratio - b.ratio)) console.log(line);
    const mean = Math.exp(found.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / found.length);
    const slower = found.filter(({ ratio }) => ratio < 1).length;
    console.log(`${found.length} rows, ${slower} slower than Go; geometric mean ${mean.toFixed(1)}`);
    if (missing().length > 0) console.log(`not entered: ${missing().join(', ')}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
