/** Fields and methods that authors expect of a value, from Python or JavaScript, and what to write instead. */

const length = 'write len(x)';

const anElement = 'this is a list; take an element first, x[0], or loop over it';
const listHints: ReadonlyMap<string, string> = new Map([
  ['sort', 'write x = sorted(x, key=…, reverse=…)'],
  ['reverse', 'write x = x[::-1]'],
  ['copy', 'write list(x)'],
  ['count', 'write len([y for y in x if y == value])'],
  ['push', 'write x.append(value)'],
  ['add', 'write x.append(value)'],
  ['length', length],
  ['size', length],
  ['len', length],
  ['join', 'write ", ".join(x)'],
  ['map', 'write [f(y) for y in x]'],
  ['filter', 'write [y for y in x if condition]'],
  ['forEach', 'write for y in x: …'],
  ['includes', 'write value in x'],
  ['contains', 'write value in x'],
  ['get', anElement],
  ['items', anElement],
  ['keys', anElement],
  ['values', anElement],
]);

const noAppending = 'a tuple cannot change; write x + (value,), or use a list';

const tupleHints: ReadonlyMap<string, string> = new Map([
  ['append', noAppending],
  ['extend', noAppending],
  ['get', 'this is a tuple; take an element first, x[0]'],
]);

const setHints: ReadonlyMap<string, string> = new Map([
  ['append', 'write x.add(value)'],
  ['copy', 'write set(x)'],
  ['has', 'write value in x'],
  ['size', length],
]);

const dictHints: ReadonlyMap<string, string> = new Map([
  ['copy', 'write dict(x)'],
  ['len', length],
  ['has_key', 'write key in x'],
  ['has', 'write key in x'],
  ['contains', 'write key in x'],
  ['iteritems', 'write x.items()'],
  ['entries', 'write x.items()'],
  ['append', 'write x[key] = value'],
  ['sort', 'write dict(sorted(x.items()))'],
  ['fromkeys', 'write {key: value for key in keys}'],
  ['length', length],
  ['size', length],
]);

const aText =
  'this is text; json.decode(x) makes a value of JSON, and a loop over a dict goes through its keys';

const stringHints: ReadonlyMap<string, string> = new Map([
  ['encode', 'write bytes(x)'],
  ['len', length],
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
  ['center', 'write "{:^10}".format(x)'],
  ['swapcase', 'write x.upper() or x.lower()'],
  ['get', aText],
  ['items', aText],
  ['keys', aText],
  ['values', aText],
  ['append', 'write x + text, or collect parts in a list and ", ".join(parts)'],
  ['__name__', 'what type(x) gives is a string itself'],
]);

const noneHints: ReadonlyMap<string, string> = new Map([
  ['get', 'the value is None; write (x or {}).get(key)'],
  ['items', 'the value is None; write (x or {}).items()'],
  ['append', 'the value is None; begin with x = []'],
  ['split', 'the value is None; write (x or "").split()'],
]);

const numberHints: ReadonlyMap<string, string> = new Map([
  ['toFixed', 'write "%.2f" % x'],
  ['toString', 'write str(x)'],
  ['is_integer', 'write x == int(x)'],
]);

const timeHints: ReadonlyMap<string, string> = new Map([
  ['isoformat', 'write x.format("2006-01-02T15:04:05Z07:00")'],
  ['strftime', 'write x.format("2006-01-02 15:04:05"), the example time as it is to look'],
  ['date', 'write x.format("2006-01-02")'],
  ['timestamp', 'write x.unix'],
  ['weekday', 'write (x.unix // 86400 + 3) % 7, where Monday is 0'],
  ['isoweekday', 'write (x.unix // 86400 + 3) % 7 + 1, where Monday is 1'],
  ['total_seconds', 'a duration has it: write (a - b).seconds'],
  ['astimezone', 'write x.in_location("Europe/Berlin")'],
]);

const durationHints: ReadonlyMap<string, string> = new Map([
  ['days', 'write x.hours / 24'],
  ['total_seconds', 'write x.seconds'],
]);

const aDuration = 'write time.parse_duration("24h"), or 24 * time.hour';

const moduleHints: ReadonlyMap<string, string> = new Map([
  ['json.loads', 'write json.decode(text)'],
  ['json.load', 'write json.decode(text)'],
  ['json.parse', 'write json.decode(text)'],
  ['json.dumps', 'write json.encode(value), or json.encode_indent(value, indent="  ")'],
  ['json.dump', 'write json.encode(value)'],
  ['json.stringify', 'write json.encode(value)'],
  ['time.sleep', 'a script cannot wait; just call the tool again'],
  ['time.duration', aDuration],
  ['time.timedelta', aDuration],
  ['time.strptime', 'write time.parse_time(text, "2006-01-02 15:04:05"), the example time as the text looks'],
  ['time.fromisoformat', 'write time.parse_time(text)'],
  ['time.parse', 'write time.parse_time(text)'],
  ['time.strftime', 'write t.format("2006-01-02 15:04:05")'],
  ['time.utcnow', 'write time.now()'],
  ['time.today', 'write time.now()'],
  ['time.monotonic', 'write time.now()'],
  ['time.perf_counter', 'write time.now()'],
  ['time.gmtime', 'write time.from_timestamp(seconds)'],
  ['math.trunc', 'write int(x)'],
  ['math.log10', 'write math.log(x, 10)'],
  ['math.log2', 'write math.log(x, 2)'],
  ['math.max', 'write max(xs)'],
  ['math.min', 'write min(xs)'],
  ['math.abs', 'write abs(x)'],
  ['math.fsum', 'write sum(xs)'],
  ['math.inf', 'write float("inf")'],
  ['math.nan', 'write float("nan")'],
]);

/** All of them, by type, the modules' under the type `module` and the member's full name. */
export const attributeHints: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['list', listHints],
  ['dict', dictHints],
  ['string', stringHints],
  ['tuple', tupleHints],
  ['set', setHints],
  ['NoneType', noneHints],
  ['int', numberHints],
  ['float', numberHints],
  ['time.time', timeHints],
  ['time.duration', durationHints],
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
