import type { Name } from '../syntax/ast.ts';
import { nearest } from '../near-miss/index.ts';

/** More names than these end alike: none of them was meant in particular. */
const maxMeant = 3;
/** A shorter word ends too many names by chance. */
const leastEnding = 4;

/**
 * Which of the `visible` names was meant by one that there is not; none where nothing is near. Names of the host's are
 * often made from others by `_`: the author may have written them with dots or dashes (`github.list-issues`), behind
 * something that holds them (`tools.list_issues`), or, in a call, without their beginning (`list_issues`).
 */
export function meantName(text: string, unknown: Name, visible: readonly string[]): string[] {
  const joined = joinedName(text, unknown, new Set(visible));
  if (joined !== undefined) return [joined];
  const near = nearest(unknown.name, visible);
  if (near !== undefined) return [near];
  const isCalled = text.charAt(unknown.end) === '(';
  if (!isCalled || unknown.name.length < leastEnding) return [];
  const endings = new Set(visible.filter((name) => name.endsWith(`_${unknown.name}`)));
  return endings.size > maxMeant ? [] : [...endings];
}

/** The name made of what stands at `unknown` in the text, up to the first character that no name of a tool has. */
function joinedName(text: string, unknown: Name, visible: ReadonlySet<string>): string | undefined {
  const written = /^[\p{L}\p{N}_]+(?:[.\-/][\p{L}\p{N}_]+)+/u.exec(
    text.slice(unknown.start, unknown.start + 200),
  )?.[0];
  const parts = written?.split(/[.\-/]/u) ?? [];
  const names = parts.map((_, at) => parts.slice(at).join('_'));
  return names.find((name) => name.length >= leastEnding && visible.has(name));
}
