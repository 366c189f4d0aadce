import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toFamilyHeader, toFloat, toLabels, toSampleName } from './text-format.ts';

describe('names', () => {
  const names: [
    name: string,
    kind: 'counter' | 'gauge' | 'histogram',
    unit: 's' | undefined,
    expected: string,
  ][] = [
    ['toolhive_vmcp_tool_calls', 'counter', undefined, 'toolhive_vmcp_tool_calls_total'],
    ['toolhive_vmcp_script_duration', 'histogram', 's', 'toolhive_vmcp_script_duration_seconds'],
    ['mcp.server.operation.duration', 'histogram', 's', 'mcp_server_operation_duration_seconds'],
    ['already_seconds', 'histogram', 's', 'already_seconds'],
    ['toolhive_vmcp_code_mode_enabled', 'gauge', undefined, 'toolhive_vmcp_code_mode_enabled'],
  ];
  for (const [name, kind, unit, expected] of names) {
    test(`${name} (${kind}) stands as ${expected}`, () => {
      assert.equal(toSampleName({ name, kind, ...(unit && { unit }) }), expected);
    });
  }
});

describe('labels', () => {
  test('what a terminal would obey is written out', () => {
    const label = toLabels({ a: 'x\u001b[2J\r\u009b\n"' }, 'scope').split(',')[0];
    assert.equal(label, 'a="x\\\\u001b[2J\\\\u000d\\\\u009b\\n\\""');
  });

  test('they are sorted, with dots as underscores and the three labels of the scope among them', () => {
    assert.equal(
      toLabels({ 'target.workload_name': 'b', action: 'a' }, 'scope'),
      'action="a",otel_scope_name="scope",otel_scope_schema_url="",otel_scope_version="",target_workload_name="b"',
    );
  });

  test('backslash, quote and newline are escaped', () => {
    assert.match(toLabels({ a: '\\ " \n' }, ''), /^a="\\\\ \\" \\n",/);
  });
});

describe('numbers', () => {
  const numbers: [value: number, text: string, openmetrics: string][] = [
    [0, '0', '0.0'],
    [-1, '-1', '-1.0'],
    [0.0001, '0.0001', '0.0001'],
    [0.00001, '1e-05', '1e-05'],
    [123456, '123456', '123456.0'],
    [1000000, '1e+06', '1e+06'],
    [1234567.5, '1.2345675e+06', '1.2345675e+06'],
    [Infinity, '+Inf', '+Inf'],
    [-Infinity, '-Inf', '-Inf'],
    [NaN, 'NaN', 'NaN'],
  ];
  for (const [value, text, openmetrics] of numbers) {
    test(`${value} is written as Go writes it`, () => {
      assert.equal(toFloat(value, 'text'), text);
      assert.equal(toFloat(value, 'openmetrics'), openmetrics);
    });
  }
});

describe('headers', () => {
  const counter = { name: 'calls', kind: 'counter', description: 'a "b"\n\\c', attributes: {} } as const;

  test('in Prometheus text a counter is announced under the name of its samples', () => {
    assert.equal(
      toFamilyHeader(counter, 'text'),
      '# HELP calls_total a "b"\\n\\\\c\n# TYPE calls_total counter\n',
    );
  });

  test('in OpenMetrics it is announced without suffix, quotes are escaped and the unit has its line', () => {
    assert.equal(
      toFamilyHeader(counter, 'openmetrics'),
      '# HELP calls a \\"b\\"\\n\\\\c\n# TYPE calls counter\n',
    );
    const histogram = {
      ...counter,
      name: 'mcp.x',
      kind: 'histogram',
      unit: 's',
      description: 'd',
    } as const;
    assert.equal(
      toFamilyHeader(histogram, 'openmetrics'),
      '# HELP mcp_x_seconds d\n# TYPE mcp_x_seconds histogram\n# UNIT mcp_x_seconds seconds\n',
    );
  });
});
