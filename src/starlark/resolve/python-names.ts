import { pythonModules } from '../syntax/python-modules.ts';

const failure = 'fail("message") stops the script; attempt(lambda: …) survives a failure';

/** Names that a Python programmer reaches for and that do not exist here, with what to write instead. */
const pythonNames: ReadonlyMap<string, string> = new Map([
  ['true', 'write True'],
  ['false', 'write False'],
  ['null', 'write None'],
  ['nil', 'write None'],
  ['undefined', 'write None'],
  ['isinstance', 'write type(x) == "list" ("string", "int", "dict", …)'],
  ['issubclass', 'Starlark has no classes'],
  ['map', 'write [f(x) for x in xs]'],
  ['filter', 'write [x for x in xs if condition]'],
  ['reduce', 'write a for loop'],
  ['sum', 'write a for loop that adds'],
  ['round', 'write int(math.round(x)), math.round(x * 100) / 100, or "%.2f" % x for text'],
  ['pow', 'write math.pow(x, y), or multiply'],
  ['divmod', 'write (a // b, a % b)'],
  ['iter', 'a for loop takes the list itself'],
  ['next', 'take xs[0], or use a for loop'],
  ['object', 'keep data in a dict'],
  ['format', 'write "…".format(x) or "%s" % x'],
  ['input', 'a script reads nothing while it runs'],
  ['open', 'a script has no files; use the functions that it is given'],
  ['exec', 'Starlark cannot run text as a program'],
  ['eval', 'write json.decode(text) for data'],
  ['ascii', 'write repr(x)'],
  ['callable', 'write type(x) == "function"'],
  ['frozenset', 'write tuple(xs) for a key that cannot change'],
  ['__name__', 'a script is never imported; leave the test out and call the function'],
  ['await', 'calls wait by themselves'],
  ['Counter', 'count with d[k] = d.get(k, 0) + 1'],
  ['defaultdict', 'write d.setdefault(k, []).append(x), or d[k] = d.get(k, 0) + 1 to count'],
  ['OrderedDict', 'write dict(); every dict keeps its order'],
  ['timedelta', 'write time.parse_duration("36h"), or 36 * time.hour'],
  ['exit', 'return ends the script'],
  ['quit', 'return ends the script'],
  ['sleep', 'a script cannot wait; just call the tool again'],
  ['locals', 'keep what is looked up by name in a dict'],
  ['globals', 'keep what is looked up by name in a dict'],
  ['hex', 'write "%x" % n'],
  ['oct', 'write "%o" % n'],
  ['bin', 'write "{:b}".format(n)'],
  ['console', 'write print(…)'],
  ['JSON', 'write json.decode(text) or json.encode(x)'],
  ['Math', 'write math.floor(x), abs(x), min(xs), max(xs)'],
  ['Object', 'write x.keys(), x.values() or x.items()'],
  ['Array', 'write type(x) == "list"'],
  ['Promise', 'write parallel([lambda x=x: f(x) for x in xs])'],
  ['Date', 'write time.now() or time.parse_time(text)'],
  ['parseInt', 'write int(x)'],
  ['parseFloat', 'write float(x)'],
  ['String', 'write str(x)'],
  ['Number', 'write float(x)'],
]);

/** What to write instead of a name that there is not; undefined where nothing is known. */
export function withoutName(name: string): string | undefined {
  const known = pythonNames.get(name) ?? pythonModules.get(name);
  return known ?? (/^[A-Z]\w*(?:Error|Exception)$|^Exception$/u.test(name) ? failure : undefined);
}
