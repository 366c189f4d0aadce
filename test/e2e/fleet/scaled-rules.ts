import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const rulesFile = join(import.meta.dirname, '../../../observability/rules/code-mode.rules.yaml');
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Writes the recording rules with every duration divided by `factor`, so that their windows of minutes to days are filled by
 * a test of seconds to minutes. Names stay: `increase5m` is then of 300 / `factor` seconds.
 */
export function writeScaledRules(file: string, factor: number): void {
  const rules = readFileSync(rulesFile, 'utf8')
    .replaceAll(/(?<=\[|:)[\dsmhd]+(?=[:\]])/g, (duration) => scale(duration, factor))
    .replaceAll(/(?<=offset |interval: )[\dsmhd]+/g, (duration) => scale(duration, factor))
    .replaceAll('/ 300', `/ ${300 / factor}`);
  writeFileSync(file, rules);
}

function scale(duration: string, factor: number): string {
  const seconds = [...duration.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  );
  return `${Math.round((seconds / factor) * 1000)}ms`;
}
