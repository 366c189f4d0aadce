import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as queries from '../../src/adoption/queries.ts';
import { allDeclarations } from '../../src/server/features.ts';
import type { Declaration } from '../../src/telemetry/index.ts';

const declarations = allDeclarations();
import { toFamilyName, toLabelName, toSampleName } from '../../src/telemetry/text-format.ts';
import { namesOf } from '../support/promql.ts';
import { promqlBlocks } from '../support/documents.ts';
import { readRuleGroups } from '../support/recording-rules.ts';

const root = join(import.meta.dirname, '../..');

const rules = readRuleGroups().flatMap((group) => group.rules);

/** Labels that Prometheus or its service discovery puts on every series. */
const targetLabels = ['job', 'instance', 'namespace'];

/** What each series at `/metrics` is, by its name there. */
const exposed = new Map<string, Declaration>(
  declarations.flatMap((declaration): [string, Declaration][] => {
    const name = toSampleName(declaration);
    if (declaration.kind !== 'histogram') return [[name, declaration]];
    return ['_bucket', '_sum', '_count'].map((suffix) => [`${name}${suffix}`, declaration]);
  }),
);

const recorded = new Set(rules.map(({ record }) => record));

/** Every label that may stand on any series here. */
const knownLabels = new Set([
  ...targetLabels,
  'le',
  ...declarations.flatMap(({ attributes }) => Object.keys(attributes).map(toLabelName)),
]);

function assertDeclared(expression: string, where: string): void {
  const { selectors, groupings } = namesOf(expression);
  for (const label of groupings)
    assert.ok(knownLabels.has(label), `${where}: no series has a label ${label}`);
  for (const { metric, matchers } of selectors) {
    const declaration = exposed.get(metric);
    const known = declaration !== undefined || recorded.has(metric) || metric === 'up';
    assert.ok(known, `${where}: "${metric}" is neither declared nor recorded`);
    for (const { label, operator, value } of matchers) {
      const labels = declaration ? Object.keys(declaration.attributes).map(toLabelName) : [...knownLabels];
      assert.ok(
        [...labels, ...targetLabels, 'le'].includes(label),
        `${where}: ${metric} has no label ${label}`,
      );
      if (operator === '=' && !value.startsWith('$')) assertValue(label, value, declaration, where);
    }
  }
}

/** A label of a closed list may only be asked for a value in it. */
function assertValue(
  label: string,
  value: string,
  declaration: Declaration | undefined,
  where: string,
): void {
  const declared = declaration ? [declaration] : declarations;
  const lists = declared.flatMap(({ attributes }) =>
    Object.entries(attributes).flatMap(([key, values]) => (toLabelName(key) === label ? [values] : [])),
  );
  if (lists.length === 0 || lists.includes('configured')) return;
  assert.ok(
    lists.some((values) => values.includes(value)),
    `${where}: ${label} is never "${value}"`,
  );
}

describe('every metric and label named is a declared one', () => {
  test('in each recording rule', () => {
    for (const { record, expr } of rules) assertDeclared(expr, record);
  });

  test('in each alert, which asks no label of a closed list for a value that it has not', () => {
    const alerts = readRuleGroups(join(root, 'observability/rules/alerts.rules.yaml')).flatMap(
      (group) => group.rules,
    );
    assert.ok(alerts.length >= 4);
    for (const { expr } of alerts) assertDeclared(expr, 'an alert');
  });

  test('in each query of each dashboard', () => {
    const folder = join(root, 'observability/dashboards');
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const expressions = [
        ...readFileSync(join(folder, file), 'utf8').matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g),
      ];
      assert.ok(expressions.length > 10, `${file} has queries`);
      for (const [, quoted] of expressions) assertDeclared(JSON.parse(quoted!) as string, file);
    }
  });

  test('in each query of the documents', () => {
    const blocks = promqlBlocks();
    assert.ok(blocks.length > 10);
    for (const { file, expression } of blocks) assertDeclared(expression, file);
  });

  test('in the text of the documents, and each declared one is in docs/observability.md', () => {
    const otlpNames = declarations.map(({ name }) => name);
    const names = new Set([...otlpNames, ...exposed.keys(), ...declarations.map(toSampleName)]);
    const word = /(?<![\w:])(?:toolhive_vmcp_\w+|mcp\.(?:client|server)\.operation\.\w+)/g;
    for (const file of [
      'README.md',
      'docs/observability.md',
      'docs/code-mode/operators.md',
      'docs/ARCHITECTURE.md',
    ]) {
      for (const [name] of readFileSync(join(root, file), 'utf8').matchAll(word)) {
        assert.ok(names.has(name), `${file}: ${name} is not declared`);
      }
    }
    const document = readFileSync(join(root, 'docs/observability.md'), 'utf8');
    for (const name of otlpNames) assert.ok(document.includes(`\`${name}\``), `${name} is documented`);
    for (const [record] of document.matchAll(/(?:instance|server|fleet):[a-z]\w*:\w+/g)) {
      assert.ok(recorded.has(record), `${record} is recorded`);
    }
  });

  test('in each query of the adoption report', () => {
    const piece = { pieceSeconds: 3600, tileSeconds: 300 };
    const basic = Object.keys(queries.counters) as queries.BasicCounterName[];
    const own = Object.keys(queries.ownCounters) as queries.CounterName[];
    const asked = [
      queries.instanceCount,
      queries.rulesAtWork,
      ...Object.values(queries.serverStates),
      queries.instancesWithoutMetrics,
      queries.ownRulesAtWork,
      ...basic.map((name) => queries.presence(name, 60)),
      ...[...basic, ...own].flatMap((name) => [
        queries.increase('raw', name, piece),
        queries.increase('rules', name, piece),
        queries.fleetIncrease(name, 3600),
      ]),
      queries.everOn('raw', 60),
      queries.everOn('rules', 60),
    ];
    for (const expression of asked) assertDeclared(expression, 'the adoption report');
  });

  test('a name that is not declared is found out', () => {
    assert.throws(
      () => assertDeclared('toolhive_vmcp_tool_call_total', 'x'),
      /neither declared nor recorded/,
    );
    assert.throws(
      () => assertDeclared('toolhive_vmcp_tool_calls_total{server="a"}', 'x'),
      /has no label server/,
    );
    assert.throws(() => assertDeclared('toolhive_vmcp_tool_calls_total{status="ok"}', 'x'), /is never "ok"/);
    assert.throws(() => assertDeclared('sum by (user) (up)', 'x'), /no series has a label user/);
    assert.throws(() => assertDeclared('sum by (', 'x'), /no PromQL/);
  });
});

describe('names of recorded series', () => {
  test('they are level:metric:operations, and the metric is one of ours', () => {
    const families = declarations.flatMap((declaration) => [
      toFamilyName(declaration),
      ...(declaration.kind === 'histogram' ? [`${toFamilyName(declaration)}_sum`] : []),
    ]);
    for (const { record } of rules) {
      const [, , metric] = /^(instance|server|fleet):([a-z0-9_]+):([a-z]\w*)$/.exec(record) ?? [];
      assert.ok(metric !== undefined && families.includes(metric), record);
    }
  });

  test('no rule reads more than a quarter of an hour of a raw series', () => {
    for (const { record, expr } of rules) {
      for (const [, metric, range] of expr.matchAll(/([\w:]+)(?:\{[^}]*\})?\[(\w+)\]/g)) {
        if (exposed.has(metric!)) assert.match(range!, /^(5m|10m|15m)$/, record);
      }
    }
  });
});
