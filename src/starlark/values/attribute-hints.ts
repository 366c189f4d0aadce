/** Fields and methods that authors expect of a value, from Python or JavaScript, and what to write instead. */

const length = 'write len(x)';

const listHints: ReadonlyMap<string, string> = new Map([
  ['sort', 'write x = sorted(x)'],
  ['reverse', 'write x = x[::-1]'],
  ['copy', 'write list(x)'],
  ['count', 'write len([y for y in x if y == value])'],
  ['push', 'write x.append(value)'],
  ['add', 'write x.append(value)'],
  ['length', length],
  ['size', length],
  ['join', 'write ", ".join(x)'],
  ['map', 'write [f(y) for y in x]'],
  ['filter', 'write [y for y in x if condition]'],
  ['forEach', 'write for y in x: …'],
  ['includes', 'write value in x'],
  ['contains', 'write value in x'],
]);

const dictHints: ReadonlyMap<string, string> = new Map([
  ['copy', 'write dict(x)'],
  ['has_key', 'write key in x'],
  ['has', 'write key in x'],
  ['contains', 'write key in x'],
  ['iteritems', 'write x.items()'],
  ['entries', 'write x.items()'],
  ['fromkeys', 'write {key: value for key in keys}'],
  ['length', length],
  ['size', length],
]);

const stringHints: ReadonlyMap<string, string> = new Map([
  ['encode', 'write bytes(x)'],
  ['isnumeric', 'write x.isdigit()'],
  ['isdecimal', 'write x.isdigit()'],
  ['casefold', 'write x.lower()'],
  ['trim', 'write x.strip()'],
  ['toLowerCase', 'write x.lower()'],
  ['toUpperCase', 'write x.upper()'],
  ['substring', 'write x[start:end]'],
  ['slice', 'write x[start:end]'],
  ['contains', 'write value in x'],
  ['includes', 'write value in x'],
  ['length', length],
  ['size', length],
  ['zfill', 'write "0" * (width - len(x)) + x'],
  ['rjust', 'write " " * (width - len(x)) + x'],
  ['ljust', 'write x + " " * (width - len(x))'],
  ['decode', 'write json.decode(x) for data'],
]);

const moduleHints: ReadonlyMap<string, string> = new Map([
  ['json.loads', 'write json.decode(text)'],
  ['json.load', 'write json.decode(text)'],
  ['json.parse', 'write json.decode(text)'],
  ['json.dumps', 'write json.encode(value)'],
  ['json.dump', 'write json.encode(value)'],
  ['json.stringify', 'write json.encode(value)'],
  ['time.sleep', 'a script cannot wait; just call the tool again'],
  ['math.inf', 'write float("inf")'],
  ['math.nan', 'write float("nan")'],
]);

/** All of them, by type, the modules' under the type `module` and the member's full name. */
export const attributeHints: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['list', listHints],
  ['dict', dictHints],
  ['string', stringHints],
  ['module', moduleHints],
]);

/** What to write instead of `x.name`, where `x` is of a built-in type; undefined when nothing is known. */
export function attributeInstead(type: string, name: string): string | undefined {
  return attributeHints.get(type)?.get(name);
}

/** What to write instead of `module.name`. */
export function memberInstead(module: string, name: string): string | undefined {
  return attributeInstead('module', `${module}.${name}`);
}
