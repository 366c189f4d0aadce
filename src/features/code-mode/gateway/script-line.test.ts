import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkScript } from '../script/check-script.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { scriptLine } from './script-line.ts';

describe('the script of a call', () => {
  const cases: readonly [args: JsonObject, line: string][] = [
    [{}, 'return read_file()'],
    [{ path: '/a "b"\n' }, String.raw`return read_file(path="/a \"b\"\n")`],
    [
      { n: 1.5, deep: [true, false, null, { k: -2 }] },
      'return read_file(n=1.5, deep=[True, False, None, {"k": -2}])',
    ],
    [{ 'odd-key': 1, n: 2 }, 'return call_tool("read-file", **{"odd-key": 1, "n": 2})'],
    [{ from: 'a' }, 'return call_tool("read-file", **{"from": "a"})'],
    [{ half: 'x\ud800' }, 'return read_file(half="x\ufffd")'],
    [{ path: 'x'.repeat(3000) }, 'return read_file(...)'],
  ];
  for (const [args, line] of cases) {
    test(`is ${line}`, () => {
      assert.equal(scriptLine('read-file', 'read_file', args), line);
    });
  }

  test('is a script that the checker takes', () => {
    for (const [args] of cases.slice(0, 6)) {
      const script = scriptLine('read-file', 'read_file', args);
      const { faults } = checkScript(script, {
        tools: [{ name: 'read-file', inputSchema: { type: 'object' } }],
        filename: 's',
      });
      assert.deepEqual(faults, [], script);
    }
  });
});
