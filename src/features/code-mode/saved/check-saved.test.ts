import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../protocol/index.ts';
import { checkSavedTools } from './check-saved.ts';
import type { SavedTool } from './saved-tool.ts';

function saved(name: string, script: string, properties: JsonObject = {}): SavedTool {
  const tool = { name, description: '', inputSchema: { type: 'object', properties } };
  return { tool, script, filename: `${name}.star` };
}

const cases: [title: string, tools: SavedTool[], faults: RegExp[]][] = [
  ['a script that is in order', [saved('a', 'return [x, some_tool(y=x)]', { x: {} })], []],
  ['a script that cannot be read', [saved('a', 'return (')], [/^a\.star:1:\d+: /u]],
  ['a name that nothing defines', [saved('a', 'return foo + 1')], [/^a\.star:1:8: undefined: foo/u]],
  ['an attribute that nothing has', [saved('a', 'return "x".uper()')], [/^a\.star:1:\d+: .*uper/u]],
  ['an argument that is a reserved word', [saved('a', 'return 1', { if: {} })], [/"if" is a reserved word/u]],
  ['an argument that is no identifier', [saved('a', 'return 1', { 'a-b': {} })], [/"a-b" is no identifier/u]],
  [
    'an argument with the name of a built-in',
    [saved('a', 'return 1', { len: {} })],
    [/"len" is the name of/u],
  ],
  ['a tool that calls itself', [saved('a', 'return a()')], [/in a circle: a → a$/u]],
  [
    'tools that call each other',
    [saved('a', 'return b()'), saved('b', 'return call_tool("a")')],
    [/in a circle: a → b → a$/u, /in a circle: b → a → b$/u],
  ],
  [
    'calls four deep',
    [saved('a', 'return b()'), saved('b', 'return c()'), saved('c', 'return d()'), saved('d', 'return 1')],
    [/more than 3 deep: a → b → c → d$/u],
  ],
];
for (const [title, tools, faults] of cases)
  test(`${title}: ${faults.length === 0 ? 'no fault' : 'a fault'}`, () => {
    const found = checkSavedTools(tools).map(({ message }) => message);
    assert.equal(found.length, faults.length, found.join('\n'));
    for (const [index, fault] of faults.entries()) assert.match(found[index] ?? '', fault);
  });
