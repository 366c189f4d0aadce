/** What a script can do with tools: names, arguments, values, results, `data`, and finding tools. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ToolResult } from '../../src/gateway/index.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/index.ts';
import { parseExactly } from '../../src/lib/exact-json.ts';
import { declared, says, scriptBench } from './fixtures/bench.ts';

const listIssues = declared('gh.list-issues', {
  properties: { owner: { type: 'string' }, limit: { type: 'integer' }, 'x-page': { type: 'integer' } },
  required: ['owner'],
});

const echoArguments = (call: { params: JsonObject }): ToolResult => ({
  content: [],
  structuredContent: call.params['arguments'] as JsonObject,
});

const bench = scriptBench({
  'gh.list-issues': echoArguments,
  import: echoArguments,
  len: says('5'),
  '3d': says('3'),
  'a.b': says('"dot"'),
  'a-b': says('"dash"'),
  wrapped: () => ({ structuredContent: { result: [1, 2] } }),
  two_keys: () => ({ structuredContent: { result: 1, more: 2 } }),
  prose: says('hello there'),
  number: says('12345678901234567890'),
  one_point_zero: says('1.0'),
  order: says('{"b": 1, "a": 2}'),
  blocks: () => ({
    content: [
      { type: 'text', text: '{"a": 1}' },
      { type: 'text', text: 'plain' },
      { type: 'image', data: 'QUJD', mimeType: 'image/png' },
    ],
  }),
  nothing: () => ({ content: [] }),
  fails: () => ({ isError: true, content: [{ type: 'text', text: 'no such user "bob"' }] }),
  whole_float: () => ({ structuredContent: { x: 3.0, y: 0.5 } }),
  // As it comes from a backend's message.
  long_number: () => parseExactly('{"structuredContent":{"id":12345678901234567890}}') as JsonObject,
});
bench.inner.listed = [
  listIssues,
  ...Object.keys(bench.inner.tools)
    .filter((name) => name !== 'gh.list-issues')
    .sort()
    .map((name) => declared(name, {})),
];

describe('calling tools', () => {
  const values: [string, string, unknown][] = [
    ['by keyword', 'return gh_list_issues(owner="a", limit=3)', { owner: 'a', limit: 3 }],
    ['by position', 'return gh_list_issues("a", 3)', { owner: 'a', limit: 3 }],
    [
      'with names that are no identifiers',
      'return gh_list_issues("a", **{"x-page": 2})',
      { owner: 'a', 'x-page': 2 },
    ],
    ['by the real name', 'return call_tool("gh.list-issues", "a", limit=1)', { owner: 'a', limit: 1 }],
    ['whose name is reserved', 'return import_(x=1)', { x: 1 }],
    ["whose name is a built-in's", 'return len_() + len("ab")', 7],
    ['whose name starts with a digit', 'return _3d()', 3],
    [
      'that meet at one identifier, by their real names',
      'return [call_tool("a.b"), call_tool("a-b")]',
      ['dot', 'dash'],
    ],
    ['that meet at one identifier, by their suffixes', 'return [a_b_108b(), a_b_2a89()]', ['dot', 'dash']],
    ['as values', 'f = prose\nreturn [g() for g in [f, f]]', ['hello there', 'hello there']],
  ];
  for (const [title, script, expected] of values) {
    test(`works ${title}`, async () => {
      const answer = await bench.run(script);
      assert.deepEqual(answer.value, expected, answer.text);
    });
  }

  const faults: [string, string, RegExp][] = [
    [
      'a misspelt argument',
      'gh_list_issues(owner="a", limt=1)',
      /Did you mean "limit"\?[^]*Signature: gh_list_issues\(owner: str, limit: int = \.\.\., "x-page": int = \.\.\.\)/u,
    ],
    ['a misspelt tool', 'gh_list_isues("a")', /gh_list_issues/u],
    [
      'a misspelt tool by its real name',
      'call_tool("gh.list-isues")',
      /no tool called "gh\.list-isues"\. Did you mean "gh\.list-issues"\?/u,
    ],
    [
      'the end of a name',
      'call_tool("issues", "a")',
      /no tool called "issues"\. Did you mean "gh\.list-issues"\?/u,
    ],
    ['no name', 'call_tool()', /the first argument is the name of a tool/u],
    ['the name by keyword', 'call_tool(name="prose")', /is the name of a tool, by position/u],
    ['a list of tools', 'list_tools()', /undefined: list_tools; write search_tools\("text"\)/u],
    ['data as a whole', 'x = data["a"]', /undefined: data; this call had no "data"/u],
    [
      'a time as an argument',
      'gh_list_issues(owner=time.now())',
      /owner: JSON cannot hold a time\.time; write x\.format\("2006-01-02T15:04:05Z07:00"\) or x\.unix\n/u,
    ],
    [
      'the script tool itself',
      'call_tool("execute_tool_script", script="return 1")',
      /no tool called "execute_tool_script"/u,
    ],
    ['the script tool by its function', 'execute_tool_script(script="return 1")', /execute_tool_script/u],
    ['a failing tool', 'x = 1\nfails()', /script\.star:2:[^]*no such user "bob"/u],
    [
      'an integer that nobody could read',
      'gh_list_issues("a", 1 << 2000)',
      /more than 1024 bits is too large to be sent[^]*The call was not made/u,
    ],
  ];
  for (const [title, script, message] of faults) {
    test(`fails where it says with ${title}`, async () => {
      const answer = await bench.run(script);
      assert.equal(answer.isError, true);
      assert.match(answer.text, message);
      assert.ok(answer.text.includes('^'), answer.text);
    });
  }

  test('sends integers beyond 2^53 to tools exactly', async () => {
    const script = 'id = long_number()["id"]\ngh_list_issues("a", id)\nreturn id';
    const { text } = await bench.run(script);
    assert.equal(text, '12345678901234567890');
    const sent = JSON.stringify(bench.inner.calls.at(-1)?.params['arguments']);
    assert.equal(sent, '{"owner":"a","limit":12345678901234567890}');
  });

  test('sends nothing when the arguments are wrong', async () => {
    const before = bench.inner.calls.length;
    await bench.run('gh_list_issues()');
    assert.equal(bench.inner.calls.length, before);
    assert.equal(bench.runs.at(-1)?.toolCalls, 0);
  });
});

describe('the value of a tool', () => {
  const values: [string, string, string][] = [
    ['is its structured content, unwrapped when it is only a result', 'return wrapped()', '[1,2]'],
    ['keeps structured content with more in it', 'return two_keys()', '{"result":1,"more":2}'],
    ['is its text where that is no JSON', 'return prose()', '"hello there"'],
    ['is an exact integer beyond 2^53', 'return number() + 1', '12345678901234567891'],
    ['keeps 1.0 apart from 1', 'return [one_point_zero(), 1]', '[1.0,1]'],
    ['keeps the order of keys', 'return order()', '{"b":1,"a":2}'],
    [
      'is a list where there are several blocks',
      'return blocks()',
      '[{"a":1},"plain",{"type":"image","data":"QUJD","mimeType":"image/png"}]',
    ],
    ['is None without content', 'return [nothing()]', '[null]'],
    ['is exact in structured content too', 'return str(long_number()["id"] + 1)', '"12345678901234567891"'],
    ['has whole floats of structured content as ints', 'return whole_float()', '{"x":3,"y":0.5}'],
  ];
  for (const [title, script, expected] of values) {
    test(title, async () => assert.equal((await bench.run(script)).text, expected));
  }

  test('is an error that attempt catches, with the message of the tool', async () => {
    const { value } = await bench.run(
      'r = attempt(lambda: fails())\nreturn [r["ok"], "bob" in str(r["error"])]',
    );
    assert.deepEqual(value, [false, true]);
  });
});

describe('the result of a script', () => {
  test('is structured content as well when it is a dict', async () => {
    const { result, texts } = await bench.run('return {"a": [1, 2.5, None]}');
    assert.deepEqual(result.structuredContent, { a: [1, 2.5, null] });
    assert.deepEqual(texts, ['{"a":[1,2.5,null]}']);
  });

  test('has no structured content when it is no dict, or one that JavaScript would round', async () => {
    assert.equal('structuredContent' in (await bench.run('return [1]')).result, false);
    const large = await bench.run('return {"id": 1 << 60}');
    assert.equal('structuredContent' in large.result, false);
    assert.equal(large.text, '{"id":1152921504606846976}');
    assert.match(large.texts[1] ?? '', /exact in the text above/u);
  });

  test('is followed by what was printed', async () => {
    const { texts } = await bench.run('print("one", 1)\nprint("two")\nreturn 5');
    assert.deepEqual(texts, ['5', 'one 1\ntwo']);
  });

  test('says that it is None, and how to give one', async () => {
    const { texts } = await bench.run('print("x")');
    assert.deepEqual(texts.slice(0, 2), ['null', 'x']);
    assert.match(texts[2] ?? '', /returned None.*top-level `return` to give a result\.$/u);
  });

  test('is the value of the expression that the script ends in, else what it named result', async () => {
    assert.equal((await bench.run('rows = [1]\n[r + 1 for r in rows]')).text, '[2]');
    assert.equal((await bench.run('rows = [1]\nresult = {"rows": rows}')).text, '{"rows":[1]}');
  });

  const meant: [string, string, string | undefined][] = [
    ['a last line that gives a name a value', 'rows = [1]\nkept = {"rows": rows}', 'kept'],
    ['a last line that changes what a name holds', 'rows = []\nrows.append(1)', 'rows'],
    ['a function that nothing calls', 'def main(n=1):\n    return n', 'main()'],
    ['a function that needs arguments', 'def main(n):\n    return n', undefined],
    ['an element that is set', 'rows = {}\nrows["a"] = 1', undefined],
  ];
  for (const [title, script, value] of meant) {
    test(`says what was meant to be returned by ${title}`, async () => {
      const { texts } = await bench.run(script);
      assert.match(texts[1] ?? '', value === undefined ? /give a result\.$/u : /did you mean/u);
      if (value !== undefined) assert.ok(texts[1]?.endsWith(`\`return ${value}\`?`), texts[1]);
    });
  }

  test('is followed by a word on comparisons that never hold', async () => {
    const { text, texts } = await bench.run(
      'x = [1]\nif type(x) == list:\n    return "list"\nreturn "other"',
    );
    assert.equal(text, '"other"');
    assert.equal(
      texts[1],
      'Line 2, `if type(x) == list:`: type(x) is a string here, so this is never equal; write "list" in quotes.',
    );
    for (const condition of ['type(x) in (str, dict)', 'type(x) != int', 'type(x) not in [dict, "list"]']) {
      assert.equal((await bench.run(`x = 1\nreturn ${condition}`)).texts.length, 2, condition);
    }
    for (const condition of ['type(x) == "list"', 'x == list', 'type(x) in names', 'type(x) == dict']) {
      const { texts: fine } = await bench.run(`x = 1\nnames = []\ndict = "dict"\nreturn ${condition}`);
      assert.equal(fine.length, 1, condition);
    }
  });

  test('says of a None that was returned where the value may have been lost', async () => {
    const { texts } = await bench.run('def main():\n    x = 1\nreturn main()');
    assert.deepEqual(texts, [
      'null',
      'The script returned None. A function of it gives a value only by a `return` of its own.',
    ]);
  });

  test('is refused with the path to what JSON cannot hold', async () => {
    const answer = await bench.run('return {"rows": [1, {"f": len}]}');
    assert.equal(answer.isError, true);
    assert.match(answer.text, /result\["rows"\]\[1\]\["f"\]/u);
    assert.equal(bench.runs.at(-1)?.errorCode, 'result_not_json');
  });

  test('is cut within maxResultBytes, and the call is a success', async () => {
    const small = scriptBench({}, { maxResultBytes: 2000 });
    const { value, texts, isError } = await small.run(
      'return {"total": 900, "items": [{"n": i} for i in range(900)]}',
    );
    assert.equal(isError, false);
    assert.ok(Buffer.byteLength(texts[0] ?? '') <= 2000);
    const cut = value as { total: number; items: unknown[] };
    assert.equal(cut.total, 900);
    assert.match(String(cut.items.at(-1)), /<cut: \d+ of 900 items left out/u);
    assert.match(texts[1] ?? '', /maxResultBytes \(2000 bytes\)/u);
    assert.equal(small.runs.at(-1)?.status, 'success');
  });

  test('cuts printed output too', async () => {
    const small = scriptBench({}, { maxResultBytes: 2000 });
    const { texts } = await small.run('for i in range(1000): print("line", i)\nreturn 1');
    assert.ok(Buffer.byteLength(texts[1] ?? '') <= 2100);
    assert.match(
      texts[1] ?? '',
      /<cut: (?:\d+ more characters of this line and )?\d+ more lines left out; print less>$/u,
    );
  });

  test('of a failing script still has what was printed before', async () => {
    const { texts, isError } = await bench.run('print("so far")\nfail("stop")');
    assert.equal(isError, true);
    assert.equal(texts[1], 'so far');
  });
});

describe('data', () => {
  test('gives the script a variable for each key', async () => {
    const { value } = await bench.run('return [ids, name, n + 1]', { ids: [1, 2], name: 'x', n: 2 });
    assert.deepEqual(value, [[1, 2], 'x', 3]);
  });

  test('has integers beyond 2^53 exactly, as the client wrote them', async () => {
    const data = parseExactly('{"ids":[9007199254740993],"n":9007199254740993}') as JsonObject;
    const { text } = await bench.run('return str([ids[0] + 1, n + 1])', data);
    assert.equal(text, '"[9007199254740994, 9007199254740994]"');
  });

  const changes: [string, string, JsonValue][] = [
    ['read while it is assigned', 'ids = sorted(ids)\nreturn ids', [1, 2, 3]],
    ['added to', 'total += 1\nreturn total', 8],
    ['assigned in a loop', 'for i in ids:\n  total = total * 10 + i\nreturn total', 7312],
    ['unpacked into', 'ids, total = total, ids\nreturn [ids, total]', [7, [3, 1, 2]]],
    ['assigned in one branch', 'if total > 100:\n  total = 100\nreturn total', 7],
    [
      'seen by functions',
      'def read(): return total\nbefore = read()\ntotal = 9\nreturn [before, read()]',
      [7, 9],
    ],
    ['a function from here on', 'before = total\ndef total(): return 1\nreturn [before, total()]', [7, 1]],
    [
      'the variable of a comprehension',
      'xs = [total for total in ids]\ntotal += 1\nreturn [xs, total]',
      [[3, 1, 2], 8],
    ],
  ];
  for (const [title, script, expected] of changes) {
    test(`is a variable that can be ${title}`, async () => {
      const { value } = await bench.run(script, { ids: [3, 1, 2], total: 7 });
      assert.deepEqual(value, expected);
    });
  }

  test('is out of reach for a function that has a variable of that name', async () => {
    const { isError, text } = await bench.run('def f():\n  total = total + 1\n  return total\nreturn f()', {
      total: 7,
    });
    assert.equal(isError, true);
    assert.match(text, /local variable total referenced before assignment/u);
  });

  const faults: [string, JsonObject, RegExp][] = [
    ['that is no identifier', { 'a-b': 1 }, /"a-b".*no identifier/u],
    ['that is reserved', { for: 1 }, /"for".*reserved word/u],
    ["that is a built-in's name", { len: 1 }, /"len".*built-in/u],
    ["that is a module's name", { json: 1 }, /"json".*built-in/u],
    ["that is a tool's name", { prose: 1 }, /"prose".*name of a tool/u],
  ];
  for (const [title, data, message] of faults) {
    test(`refuses a key ${title}`, async () => {
      const answer = await bench.run('return 1', data);
      assert.equal(answer.isError, true);
      assert.match(answer.text, message);
      assert.equal(bench.runs.at(-1)?.errorCode, 'bad_arguments');
    });
  }
});

describe('finding tools', () => {
  test('search_tools finds by words of the name', async () => {
    const { value } = await bench.run('return [t["function"] for t in search_tools("list issues")]');
    assert.equal((value as string[])[0], 'gh_list_issues');
  });

  test('takes the words, or the name, by keyword too', async () => {
    const { value } = await bench.run(
      'return [search_tools("list issues")] + [search_tools(query="list issues"), search_tools(text="list issues")] + ' +
        '[describe_tool(name="prose") == describe_tool("prose")]',
    );
    const [first, second, third, same] = value as JsonValue[];
    assert.deepEqual([second, third, same], [first, first, true]);
    const answer = await bench.run('search_tools("a", limit=3)');
    assert.match(answer.text, /search_tools\("text"\) takes one string/u);
  });

  test('describe_tool tells all about one, by either name', async () => {
    const { value } = await bench.run(
      'return [describe_tool(n)["signature"] for n in ["gh.list-issues", "gh_list_issues"]]',
    );
    const signature = 'gh_list_issues(owner: str, limit: int = ..., "x-page": int = ...)';
    assert.deepEqual(value, [signature, signature]);
  });

  test('neither counts as a tool call', async () => {
    await bench.run('search_tools("x")\ndescribe_tool("prose")');
    assert.equal(bench.runs.at(-1)?.toolCalls, 0);
  });
});
