/** Modules that a Python programmer imports, or uses as if they were there, and what to do without them. */

const outside = 'a script has no files, processes or network of its own, only the functions that it is given';
const chance = 'nothing here is random; take what tells things apart from the data';
const functional = 'write comprehensions, for loops and lambda';
const types = 'nothing declares types; keep data in dicts';
const waiting = 'calls wait by themselves, and parallel([lambda x=x: f(x) for x in xs]) runs several at once';

export const pythonModules: ReadonlyMap<string, string> = new Map([
  [
    'datetime',
    'write time.now(), time.parse_time(text), t - time.parse_duration("24h"), t.format("2006-01-02 15:04:05")',
  ],
  ['re', 'there are no regular expressions; use split, partition, find, startswith, replace'],
  ['collections', 'count with d[k] = d.get(k, 0) + 1, group with d.setdefault(k, []).append(x)'],
  ['asyncio', waiting],
  ['concurrent', waiting],
  ['threading', waiting],
  ['os', outside],
  ['sys', outside],
  ['io', outside],
  ['pathlib', outside],
  ['subprocess', outside],
  ['requests', outside],
  ['httpx', outside],
  ['urllib', outside],
  [
    'urllib.parse',
    'there is no quote or urlencode; write x.replace(" ", "%20") and the like for the characters at hand',
  ],
  ['csv', 'write ",".join([str(x) for x in row]), and line.split(",") to read'],
  ['random', chance],
  ['uuid', chance],
  ['itertools', functional],
  ['functools', functional],
  ['operator', functional],
  ['typing', types],
  ['dataclasses', types],
  ['enum', types],
  ['statistics', 'write sum(xs) / len(xs), and sorted(xs)[len(xs) // 2] for the median'],
  ['copy', 'write dict(x) or list(x)'],
  ['logging', 'write print(…)'],
  ['hashlib', 'there are no hash functions of texts here, but for hash(text), which is no digest'],
  ['base64', 'there is no base64 here; leave it to a tool'],
  ['string', 'write the characters as a text, such as "abcdefghijklmnopqrstuvwxyz"'],
  ['decimal', 'there are no decimals; count in the smallest unit, such as cents, as an int'],
  ['fractions', 'there are no fractions; keep numerator and denominator apart'],
  ['zoneinfo', 'write t.in_location("Europe/Berlin")'],
  ['heapq', 'write sorted(xs)[:n]'],
  ['bisect', 'write a for loop over the sorted list'],
  ['textwrap', 'write a for loop over text.split()'],
  ['pprint', 'write print(json.encode_indent(x, indent="  "))'],
  ['traceback', 'attempt(lambda: …) gives the error as a text'],
]);

/** Modules that need no `import`. */
const present: ReadonlyMap<string, string> = new Map([
  ['json', 'json.decode(text), json.encode(x)'],
  ['math', 'math.floor(x), math.sqrt(x)'],
  ['time', 'time.now(), time.parse_time(text)'],
]);

/** What to do instead of the `import` or `from … import` that begins at `start` in `text`. */
export function withoutImport(text: string, start: number): string {
  const name = /^(?:import|from)[ \t]+(\w+)/u.exec(text.slice(start, start + 100))?.[1] ?? '';
  const members = present.get(name);
  if (members !== undefined) return `leave the line out, ${name} is already there: ${members}`;
  const whole = /^(?:import|from)[ \t]+([\w.]+)/u.exec(text.slice(start, start + 100))?.[1] ?? name;
  return pythonModules.get(whole) ?? pythonModules.get(name) ?? `there is no ${shown(name)} here; ${what}`;
}

const what = 'a script has json, math, time, the built-in functions and its tools';

function shown(name: string): string {
  return name === '' ? 'module' : `module ${name}`;
}
