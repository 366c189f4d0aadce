/**
 * `npm run manifests`: writes what the manifests hold of observability/: its rules as a PrometheusRule, its dashboard as
 * the file that a ConfigMap is made of. Both for kustomize and for the chart, which may read no file outside their folders.
 * With `--check` it writes nothing, and fails where a file is not as it would be written.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const root = join(import.meta.dirname, '..');
const ruleFiles = ['code-mode.rules.yaml', 'alerts.rules.yaml'];

const stale = [...manifests()].filter(([file, text]) => readText(file) !== text);
if (!process.argv.includes('--check'))
  for (const [file, text] of stale) writeFileSync(join(root, file), text);
else if (stale.length > 0) {
  process.exitCode = 1;
  console.error(
    `run \`npm run manifests\`: not as they would be written: ${stale.map(([file]) => file).join(', ')}`,
  );
}

/** Every file that is written, with its text. */
function* manifests(): Generator<[file: string, text: string]> {
  const groups = ruleFiles.flatMap((file) => readGroups(`observability/rules/${file}`));
  const made = '# Written by `npm run manifests` from observability/rules, where the comments are.\n';
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'vmcp' },
    spec: { groups },
  };
  yield ['deploy/kustomize/monitoring/prometheusrule.yaml', made + stringify(rule, { lineWidth: 0 })];
  yield ['deploy/helm/vmcp/files/rules.yaml', made + stringify({ groups }, { lineWidth: 0 })];
  const dashboard = readText('observability/dashboards/code-mode.json') ?? '';
  yield ['deploy/kustomize/monitoring/code-mode.json', dashboard];
  yield ['deploy/helm/vmcp/files/code-mode.json', dashboard];
}

function readGroups(file: string): unknown[] {
  return (parse(readText(file) ?? '') as { groups: unknown[] }).groups;
}

function readText(file: string): string | undefined {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
