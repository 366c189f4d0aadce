import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { config, one, problems } from '../../test/support/configurations.ts';
import { cpuMs } from '../../test/support/cpu.ts';
import { configReader } from '../server/config.ts';

describe('a file', () => {
  test('may be written in UTF-16, as a shell of Windows redirects it', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'vmcp-config-'));
    t.after(() => rm(dir, { recursive: true }));
    const file = join(dir, 'vmcp.yaml');
    await writeFile(file, `\uFEFFname: é\r\n${one}\r\n`, 'utf16le');
    assert.equal((await configReader.load(file, {})).config.name, 'é');
  });

  test('may use anchors, aliases and merge keys', () => {
    const { backends } = config(`name: demo
backends:
  - &base {name: a, transport: sse, url: "http://a", metadata: &m {team: x}}
  - {<<: *base, name: b}
  - {name: c, transport: sse, url: "http://c", metadata: *m}`);
    assert.deepEqual(
      backends.map(({ name, metadata }) => [name, metadata['team']]),
      [
        ['a', 'x'],
        ['b', 'x'],
        ['c', 'x'],
      ],
    );
  });

  test('may be JSON', () => {
    assert.equal(
      config(JSON.stringify({ name: 'j', backends: [{ name: 'a', transport: 'sse', url: 'http://a' }] }))
        .name,
      'j',
    );
  });

  test('cannot nest without bound', () => {
    assert.match(problems(`name: ${'['.repeat(10_000)}`).join('\n'), /^1:\d+: nested too deeply/);
  });

  test('cannot use aliases to grow without bound', () => {
    let text = 'name: d\nmetadata:\n  a: &a0 {x: y}\n';
    for (let level = 1; level < 12; level++)
      text += `  k${level}: &a${level} [${`*a${level - 1},`.repeat(10)}]\n`;
    assert.ok(cpuMs(() => assert.match(problems(text).join('\n'), /at most 100000 values/)) < 20_000);
  });
});

describe('a file that is no YAML, or YAML of something else', () => {
  const cases: [title: string, text: string, expected: string[]][] = [
    [
      'a key written twice is refused',
      `name: d\nname: e\n${one}`,
      ['2:1: duplicate key "name"; the first is on line 1'],
    ],
    [
      'a key written twice is refused at every level, once, and merged keys are not written twice',
      'name: d\nbackends:\n  - &a {name: a, transport: sse, url: "http://a", url: "http://b"}\n  - {<<: *a, name: b}\nmetadata: {x: 1, "x": 2}',
      [
        '3:51: duplicate key "url"; the first is on line 3',
        '5:18: duplicate key "x"; the first is on line 5',
      ],
    ],
    [
      'a manifest for Kubernetes is told from a configuration, also among several documents',
      '# a group\n---\napiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPGroup\nspec: {}\n---\nkind: VirtualMCPServer',
      [
        '3:1: expected the configuration of a vmcp, found a manifest for Kubernetes: "vmcp init --from FILE" makes one of a VirtualMCPServer',
      ],
    ],
    [
      'a quote that is never closed is shown where it opens',
      `name: d\ndescription: "a\n${one}`,
      ['2:14: the quote that opens here is never closed'],
    ],
    [
      'control characters are no text',
      'name: d\u0000',
      ['1:8: expected text, found the control character U+0000'],
    ],
    [
      'bytes that are no text are refused',
      'name: caf\uFFFD',
      ['1:10: expected text in UTF-8, found bytes that are none; save the file as UTF-8'],
    ],
    ['an empty file is no configuration', '', ['1:1: the file is empty']],
    [
      'a file that says null is empty, too',
      'null',
      ['1:1: the file is empty', '1:1: expected at least one entry in "backends", found none'],
    ],
    [
      'a list is no configuration',
      '- a',
      [
        '1:1: the file: expected a mapping, found a list',
        '1:1: expected at least one entry in "backends", found none',
      ],
    ],
    [
      'several documents are one too many',
      `name: d\n${one}\n---\nname: e`,
      ['3:1: expected one YAML document, found several'],
    ],
    [
      'no token of a broken file is quoted, nor what begins like an alias or a tag where secrets stand',
      `name: d\nbackends:\n  - {name: a, transport: stdio, command: x, env: {A: *hush, B: !hush x}}\nmetadata: {k: !!binary aGk=}\n`,
      [
        '3:54: unknown alias; a text that begins with "*" needs quotes',
        '3:64: unknown tag; a text that begins with "!" needs quotes',
        '4:24: expected a text, a number, true or false, found a value with a tag of its own',
      ],
    ],
    [
      'what is left over is not quoted',
      `name: d\n${one}]\n hush hush\n`,
      ['2:83: Unexpected flow-seq-end token in YAML stream', '3:2: Unexpected scalar token in YAML stream'],
    ],
    ['a lone alias leads nowhere', 'name: *x', ['1:7: unknown alias "x"']],
    [
      'names like __proto__ are keys like any other',
      `name: d\n${one}\n__proto__: {name: x}`,
      [
        '3:1: unknown key "__proto__". Expected one of "name", "groupRef", "publicUrl", "backends", "outgoingAuth", "aggregation", "operational", "telemetry", "metadata", "passthroughHeaders", "trustedProxies", "sessionStorage", "incomingAuth", "audit", "rateLimiting", "codeMode", "console".',
      ],
    ],
  ];
  for (const [title, text, expected] of cases) {
    test(title, () => assert.deepEqual(problems(text), expected));
  }
});
