/** Turns what zod found into sentences with a place: what was expected, what was found, and what may have been meant. */
import type { z } from 'zod';
import { didYouMean } from '../lib/near-miss.ts';
import { looksSecret } from '../lib/secrets.ts';
import type { ConfigDocument, Path } from './document.ts';
import type { Problem } from './problem.ts';
import { backendKeys, transports } from './schema/backends.ts';
import { entriesOf, valueAt } from './tree.ts';

type Issue = z.core.$ZodIssue;

/**
 * Every problem behind one of zod's issues.
 * @param all the issues that were found together with it
 */
export function toProblems(issue: Issue, document: ConfigDocument, all: readonly Issue[]): Problem[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(key, path, issue.message.split('\n'), document));
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [atKey(path, document, `${pathText(path.slice(0, -1))}: ${withFound(expected, path.at(-1))}`)];
  }
  const found = valueAt(document.root, path);
  if (issue.code === 'invalid_type' && issue.expected === 'never') {
    return [atKey(path, document, `"${path.at(-1)}" ${refusal(issue.message)}`)];
  }
  if (
    found === undefined &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value')
  ) {
    if (path.length === 0) return [atKey(path, document, 'the file is empty')];
    const owner = path.slice(0, -1);
    if (isCollection(issue) && isWritten(path, document)) {
      const message = `${pathText(path)}: expected ${article(issue.expected)}, found nothing`;
      return [{ severity: 'error', ...document.placeOf(path), message }];
    }
    if (isMisspelt(String(path.at(-1)), valueAt(document.root, owner), unknownKeysOf(owner, all))) return [];
    return [atKey(owner, document, `${subject(owner, document)} lacks "${path.at(-1)}"${hint(issue)}`)];
  }
  return [
    {
      severity: 'error',
      ...document.placeOf(path),
      message: `${pathText(path) || 'the file'}: ${withFound(sentence(issue, found), found)}`,
    },
  ];
}

function isCollection(issue: Issue): issue is Extract<Issue, { code: 'invalid_type' }> {
  return issue.code === 'invalid_type' && ['object', 'record', 'array'].includes(issue.expected);
}

/** Whether a key or an item is there, though it says nothing. */
function isWritten(path: Path, document: ConfigDocument): boolean {
  const owner = valueAt(document.root, path.slice(0, -1));
  return typeof owner === 'object' && owner !== null && Object.hasOwn(owner, path.at(-1) ?? '');
}

/** `aggregation.tools[2].filter`, as a person would say where something stands. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

/**
 * The problem of a key that nobody knows, with the known one that it resembles.
 * @param path its owner's
 * @param known keys that work; behind an empty text those that are refused, which it may resemble too
 */
export function unknownKey(
  key: string,
  path: Path,
  known: readonly string[],
  document: ConfigDocument,
): Problem {
  const where = path.length === 0 ? '' : ` in ${subject(path, document)}`;
  const former = formerNames[key];
  const works = known.includes('') ? known.slice(0, known.indexOf('')) : known;
  const hint =
    (path.length === 0 && (hintsAtTheTop.get(key) ?? (clientKeys.has(key) && clientHint))) ||
    didYouMean(former && known.includes(former) ? former : key, known) ||
    ` Expected one of ${works.map((word) => `"${word}"`).join(', ')}.`;
  return atKey([...path, key], document, `unknown key "${key}"${where}.${hint}`);
}

/** What keys were called in the first versions of ToolHive, where no near miss leads to their names of today. */
const formerNames: Readonly<Record<string, string>> = { group: 'groupRef' };

/** Keys that people expect in the file, for what the command line says. */
const hintsAtTheTop: ReadonlyMap<string, string> = new Map([
  ['port', ' The port is chosen on the command line: vmcp serve --port PORT.'],
  ['host', ' The address is chosen on the command line: vmcp serve --host ADDRESS.'],
  ['listen', ' The address is chosen on the command line: vmcp serve --host ADDRESS --port PORT.'],
]);

/** Keys under which MCP clients list their servers: such a file is easily handed over as one of ours. */
const clientKeys: ReadonlySet<string> = new Set(['mcpServers', 'servers']);
const clientHint =
  ' This looks like the configuration of an MCP client: "vmcp init --from FILE" makes one of it that can be served.';

/**
 * True when the key is there in other letters: that it is unknown is told already, and says what it should be.
 * @param isUnknown which of the owner's keys are no keys at all
 */
export function isMisspelt(
  missing: string,
  owner: unknown,
  isUnknown: (key: string) => boolean = (key) => !backendKeys.includes(key),
): boolean {
  return entriesOf(owner).some(
    ([key]) => key !== missing && isUnknown(key) && didYouMean(key, [missing]) !== '',
  );
}

/** Of a backend without a sound transport zod cannot tell: it is known by the keys of all backends. */
function unknownKeysOf(owner: Path, all: readonly Issue[]): ((key: string) => boolean) | undefined {
  if (owner[0] === 'backends' && owner.length === 2) return undefined;
  const path = owner.join('\n');
  const unknown = all.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.join('\n') === path ? issue.keys : [],
  );
  return (key) => unknown.includes(key);
}

function atKey(path: Path, document: ConfigDocument, message: string): Problem {
  return { severity: 'error', ...document.placeOfKey(path), message };
}

/** A reason of `refused` reads on from the key: `"audit"`: audit logging is not built yet. */
function refusal(reason: string): string {
  return reason.startsWith('goes only') ? reason : `cannot be used: ${reason}`;
}

function subject(path: Path, document: ConfigDocument): string {
  if (path.length === 0) return 'the file';
  if (path[0] === 'backends' && typeof path[1] === 'number' && path.length === 2) {
    const name = valueAt(document.root, [...path, 'name']);
    if (typeof name === 'string') return `backend "${name}"`;
  }
  return `"${pathText(path)}"`;
}

/** Says what was found where a schema's own message says only what was expected. */
function withFound(message: string, found: unknown): string {
  if (!message.startsWith('expected') || message.includes(', found ')) return message;
  return `${message}, found ${typeof found === 'string' ? quoted(found) : kindOf(found)}`;
}

/** A long text, or one that may hold a password or a key as URLs do, is not repeated. */
function quoted(text: string): string {
  return text.length > 60 || /[@?]/.test(text) || looksSecret(text) ? 'a text' : `"${text}"`;
}

function sentence(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${article(issue.expected)}, found ${kindOf(found)}`;
    case 'invalid_value':
      return wordSentence(issue.message, issue.values.map(String), found);
    case 'invalid_union':
      return issue.discriminator === undefined
        ? issue.message
        : wordSentence(issue.message, transports, found);
    case 'too_small':
      return issue.origin === 'string' ? issue.message : `expected at least ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** A schema's own message wins; zod's ("Invalid …") is replaced. */
function wordSentence(message: string, words: readonly string[], found: unknown): string {
  if (!message.startsWith('Invalid')) return message;
  const offered = words.filter((word) => word !== '').map((word) => `"${word}"`);
  const list = offered.length === 1 ? (offered[0] ?? '') : `one of ${offered.join(', ')}`;
  if (typeof found !== 'string') return `expected ${list}, found ${kindOf(found)}`;
  return `expected ${list}, found ${quoted(found)}.${didYouMean(otherWords[found.toLowerCase()] ?? found, words)}`;
}

/** What others call the transports. */
const otherWords: Readonly<Record<string, string>> = {
  http: 'streamable-http',
  https: 'streamable-http',
  streamable: 'streamable-http',
};

function hint(issue: Issue): string {
  if (issue.code === 'invalid_union')
    return `; expected one of ${transports.map((word) => `"${word}"`).join(', ')}`;
  if (issue.code === 'invalid_value')
    return `; expected ${issue.values.map((word) => `"${String(word)}"`).join(' or ')}`;
  return '';
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  };
  return names[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'number' ? `the number ${value}` : String(value);
}
