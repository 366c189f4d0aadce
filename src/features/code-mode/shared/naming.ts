/**
 * Tool names become function names. The rules are part of what script authors rely on: every character that cannot
 * stand in an identifier becomes `_`; a leading digit gets `_` before it; a reserved word or a built-in's name gets `_`
 * after it. Where two tools meet at one identifier both get a suffix made from their own real name, so that a name in a
 * saved script never silently means another tool when tools come and go.
 */
import { isIdentifier, isReserved } from '../../../starlark/index.ts';

/** The identifier for `name`, before collisions are looked at. `taken` are the built-ins' names. */
export function toIdentifier(name: string, taken: ReadonlySet<string>): string {
  let identifier = '';
  for (const character of name) identifier += isIdentifier(`_${character}`) ? character : '_';
  if (identifier === '') return '_';
  if (!isIdentifier(identifier) && !isReserved(identifier)) identifier = `_${identifier}`;
  return isReserved(identifier) || taken.has(identifier) ? `${identifier}_` : identifier;
}

/**
 * One distinct identifier for each of `names`, whatever their order. A tool whose real name is the identifier keeps it;
 * every other tool of a collision is called `<identifier>_<four or more hexadecimal digits of its real name's hash>`.
 */
export function nameTools(names: readonly string[], taken: ReadonlySet<string>): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const name of [...new Set(names)].sort()) {
    const identifier = toIdentifier(name, taken);
    const group = groups.get(identifier);
    if (group === undefined) groups.set(identifier, [name]);
    else group.push(name);
  }
  const used = new Set<string>([...taken, ...groups.keys()]);
  const identifiers = new Map<string, string>();
  for (const [identifier, group] of groups) {
    for (const name of group) {
      const plain = group.length === 1 || name === identifier;
      const chosen = plain ? identifier : withSuffix(identifier, name, used);
      used.add(chosen);
      identifiers.set(name, chosen);
    }
  }
  return identifiers;
}

function withSuffix(identifier: string, name: string, used: ReadonlySet<string>): string {
  const digits = hash(name);
  for (let length = 4; length <= digits.length; length++) {
    const candidate = `${identifier}_${digits.slice(0, length)}`;
    if (!used.has(candidate)) return candidate;
  }
  let candidate = `${identifier}_${digits}_`;
  while (used.has(candidate)) candidate += '_';
  return candidate;
}

/** 32-bit FNV-1a over UTF-16 code units, as eight hexadecimal digits: short, stable, and no secret depends on it. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return (state >>> 0).toString(16).padStart(8, '0');
}
