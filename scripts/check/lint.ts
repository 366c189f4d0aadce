/**
 * Lints the tree, then a folder of planted breaches. Two of the planted rules need types: were the type-aware part of
 * oxlint missing, the tree would pass unread and only the planted ones would tell.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const plantedFolder = 'test/fixtures/lint';
const plantedRules = [
  'no-cycle',
  'no-explicit-any',
  'no-floating-promises',
  'no-misused-promises',
  'no-warning-comments',
];

function lint(...args: string[]): { passed: boolean; text: string } {
  const run = spawnSync('oxlint', ['--deny-warnings', ...args], { cwd: root, encoding: 'utf8' });
  if (run.error) throw new Error('oxlint could not be started: run `npm ci`', { cause: run.error });
  return { passed: run.status === 0, text: run.stdout + run.stderr };
}

const tree = lint(`--ignore-pattern=${plantedFolder}`);
process.stdout.write(tree.text);

const planted = lint(plantedFolder);
const missed = plantedRules.filter((rule) => !planted.text.includes(rule));
for (const rule of missed)
  process.stderr.write(`lint: ${rule} does not see its breach in ${plantedFolder}\n`);

process.exitCode = tree.passed && missed.length === 0 ? 0 : 1;
