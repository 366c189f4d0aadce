import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tool } from '../../../gateway/index.ts';
import { checkScript } from './check-script.ts';

const tools: Tool[] = [
  {
    name: 'git.issues',
    inputSchema: {
      type: 'object',
      properties: { owner: { type: 'string' }, limit: { type: 'integer' }, labels: { type: 'array' } },
      required: ['owner'],
    },
  },
  { name: 'echo', inputSchema: { type: 'object' } },
  { name: 'execute_tool_script', inputSchema: { type: 'object' } },
];

/** What is wrong with a script, as `line:column first line of the message`. */
function faults(script: string, data = {}): string[] {
  return checkScript(script, { tools, data, filename: 'x.star' }).faults.map(
    ({ line, column, message }) => `${line ?? '-'}:${column ?? '-'} ${message.split('\n')[0]}`,
  );
}

describe('a script that is checked and not run', () => {
  test('is told which tools it calls, and where', () => {
    const script =
      'def f(n):\n    return git_issues(n)\nreturn [call_tool("git.issues", owner="a"), echo(x=1), call_tool(name)]';
    const { calls, faults: found } = checkScript(script, { tools, data: { name: 'echo' }, filename: 'x' });
    assert.deepEqual(found, []);
    assert.deepEqual(calls, [
      { tool: 'git.issues', line: 2, column: 12 },
      { tool: 'git.issues', line: 3, column: 9 },
      { tool: 'echo', line: 3, column: 45 },
    ]);
  });

  const wrong: [script: string, fault: string][] = [
    ['return git_isues()', '1:8 undefined: git_isues (did you mean `git_issues`?)'],
    ['return (', '1:8 this ( is never closed'],
    ['return git_issues()', '1:8 git_issues: missing argument "owner"'],
    [
      'x = lambda: git_issues("a", limt=3)',
      '1:13 git_issues: no argument is called "limt". Did you mean "limit"?',
    ],
    ['return git_issues("a", limit="3")', '1:8 git_issues: limit: expected int, got str; write int(x)'],
    ['return git_issues(1, labels=["a"])', '1:8 git_issues: owner: expected str, got int; write str(x)'],
    [
      'return git_issues(lmit=2, *[1])',
      '1:8 git_issues: no argument is called "lmit". Did you mean "limit"?',
    ],
    ['return call_tool("git.isues")', '1:8 there is no tool called "git.isues". Did you mean "git.issues"?'],
    ['return call_tool("git.issues", 1)', '1:8 git_issues: owner: expected str, got int; write str(x)'],
  ];
  for (const [script, fault] of wrong) {
    test(`is refused: ${script}`, () => {
      const [first = '', ...more] = faults(script);
      assert.ok(first.startsWith(fault), first);
      assert.deepEqual(more, []);
    });
  }

  const sound = [
    'return git_issues(owner=str(1), limit=len("abc"))',
    'return git_issues(*parts)',
    'return git_issues(**rest)',
    'return git_issues("a", **rest)',
    'return parallel([lambda: git_issues("a"), lambda: echo()])',
    'return echo(anything=1, goes=[None])',
  ];
  for (const script of sound) {
    test(`is taken for sound where only a run would tell: ${script}`, () => {
      assert.deepEqual(faults(script, { parts: [], rest: {} }), []);
    });
  }

  test('is refused with data whose keys cannot be variables', () => {
    assert.match(faults('return 1', { 'a b': 1 }).join(), /^-:- the key "a b" of "data" is no identifier/);
    assert.match(
      faults('return 1', { echo: 1 }).join(),
      /^-:- the key "echo" of "data" is the name of a tool/,
    );
  });
});
