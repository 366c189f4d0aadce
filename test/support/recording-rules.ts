/** The recording rules of observability/rules, as they are and as fast as a test needs them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const rulesFile = join(import.meta.dirname, '../../observability/rules/code-mode.rules.yaml');
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  /** Time between evaluations, as Prometheus writes durations. */
  readonly interval: string;
  readonly rules: readonly RecordingRule[];
}

/** The groups of a file of rules; without a path, of the project's own. */
export function readRuleGroups(file: string = rulesFile): readonly RuleGroup[] {
  return (parse(readFileSync(file, 'utf8')) as { groups: RuleGroup[] }).groups;
}

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

/** Prometheus looks back this far for a sample, unless told otherwise; scaled like the rules. */
export function scaledLookbackMs(factor: number): number {
  return 300_000 / factor;
}

function scale(duration: string, factor: number): string {
  const seconds = [...duration.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  );
  return `${Math.round((seconds / factor) * 1000)}ms`;
}
