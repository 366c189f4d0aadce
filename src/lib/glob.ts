/** Patterns of names: `*` stands for any characters, `?` for one. */

/**
 * Whether a name fits any of the patterns. Capitals matter, and a pattern must fit the whole name.
 * @param patterns an empty list fits no name
 */
export function anyGlob(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !/[*?]/u.test(pattern)));
  const globs = patterns.filter((pattern) => !exact.has(pattern)).map(toRegExp);
  return (name) => exact.has(name) || globs.some((glob) => glob.test(name));
}

function toRegExp(pattern: string): RegExp {
  const parts = pattern.split(/(\*+|\?)/u).map((part) => {
    if (part.startsWith('*')) return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}/]/gu, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 'su');
}
