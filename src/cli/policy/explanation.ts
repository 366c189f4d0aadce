import type { Explanation, Policies } from '../../server/index.ts';

type Named = Parameters<Policies['placeOf']>[0];

/** A decision in words: what was decided, by which policies, and what would have to be different. */
export function explanationText(
  { allowed, shown, deciding, failed, nearMisses }: Explanation,
  about: { readonly tool: string; readonly isKnown: boolean; readonly placeOf: (policy: Named) => string },
): string {
  const { tool, isKnown, placeOf } = about;
  const lines: string[] = [];
  if (!isKnown) lines.push(`denied: no backend has a tool "${tool}" now`);
  else lines.push(`${allowed ? 'permitted' : 'denied'}: ${tool}`);
  if (isKnown && deciding.length === 0 && !allowed) lines.push('  no policy permits it');
  for (const policy of deciding)
    lines.push(`  ${allowed ? 'permitted' : 'forbidden'} by ${line(policy, placeOf)}`);
  for (const policy of failed) lines.push(`  not evaluated: ${line(policy, placeOf)}: ${policy.why}`);
  if (isKnown && !allowed && shown)
    lines.push('  with other arguments it may be permitted, so that lists show it');
  for (const words of nearMisses) lines.push(`  it would be permitted if ${words}`);
  return `${lines.join('\n')}\n`;
}

function line(policy: Named, placeOf: (policy: Named) => string): string {
  return `${policy.id} (${placeOf(policy)})`;
}
