import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { removeMember, setMember } from './jsonc-edit.ts';
import { parseJsonc } from './jsonc.ts';

const settings = `// My settings.
{
    "theme": "dark", // not "light"
    "servers": {
        /* the first */
        "one": { "url": "http://one" }, // kept
        "two": {"url": "http://two"}
        // the end
    },
    "last": [1, {"a": "}"}, "]"],
}
`;

describe('setting a member', () => {
  test('adds it behind the last one, and keeps comments, indentation and everything else', () => {
    const changed = setMember(settings, ['servers', 'vmcp'], { type: 'http', url: 'http://v' });
    assert.equal(
      changed,
      settings.replace(
        `"http://two"}
        // the end`,
        `"http://two"},
        // the end
        "vmcp": {
            "type": "http",
            "url": "http://v"
        }`,
      ),
    );
  });

  test('replaces the value of one that is there, and nothing else', () => {
    assert.equal(
      setMember(settings, ['servers', 'one'], 1),
      settings.replace('{ "url": "http://one" }', '1'),
    );
    assert.equal(setMember(settings, ['last'], 'x'), settings.replace('[1, {"a": "}"}, "]"]', '"x"'));
  });

  const cases: [text: string, path: string[], result: string][] = [
    ['', ['a', 'b'], '{\n  "a": {\n    "b": 1\n  }\n}\n'],
    [' \n', ['a'], '{\n  "a": 1\n}\n'],
    ['{}', ['a', 'b'], '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['{\n}\n', ['a'], '{\n  "a": 1\n}\n'],
    ['{ // none\n}\n', ['a'], '{ // none\n  "a": 1\n}\n'],
    ['{"x": {}}', ['x', 'a'], '{"x": {\n  "a": 1\n}}'],
    ['{"x": 1}', ['a'], '{"x": 1, "a": 1}'],
    ['{"x": {"y": 2}}', ['x', 'a'], '{"x": {"y": 2, "a": 1}}'],
    ['{\n\t"x": 1,\n}', ['a'], '{\n\t"x": 1,\n\t"a": 1\n}'],
    ['{\r\n  "x": 1\r\n}\r\n', ['a'], '{\r\n  "x": 1,\r\n  "a": 1\r\n}\r\n'],
    ['\uFEFF{\n  "x": "\\"}"\n}', ['a'], '\uFEFF{\n  "x": "\\"}",\n  "a": 1\n}'],
  ];
  for (const [text, path, result] of cases) {
    test(`in ${JSON.stringify(text)} at ${path.join('.')} gives sound JSON`, () => {
      assert.equal(setMember(text, path, 1), result);
      parseJsonc(result);
    });
  }

  test('is refused where the text is not JSON, or has no object on the way', () => {
    assert.throws(() => setMember('{"a": }', ['b'], 1), { name: 'JsoncError' });
    assert.throws(() => setMember('{"a": [1]}', ['a', 'b'], 1), /expected an object/);
    assert.throws(() => setMember('[]', ['a'], 1), /expected an object/);
  });
});

describe('removing a member', () => {
  const cases: [text: string, path: string[], result: string][] = [
    ['{\n  "a": 1,\n  "b": 2\n}', ['b'], '{\n  "a": 1\n}'],
    ['{\n  "a": 1,\n  "b": 2\n}', ['a'], '{\n  "b": 2\n}'],
    ['{\n  "a": 1\n}', ['a'], '{\n}'],
    ['{\n  "a": 1,\n  "b": 2, // it\n}', ['b'], '{\n  "a": 1,\n}'],
    ['{"a": 1, "b": 2}', ['b'], '{"a": 1}'],
    ['{"a": 1, "b": 2}', ['a'], '{ "b": 2}'],
    ['{"a": {"b": {"c": 1}}}', ['a', 'b'], '{"a": {}}'],
    ['{"a": 1}', ['b'], '{"a": 1}'],
    ['{"a": 1}', ['b', 'c'], '{"a": 1}'],
    ['', ['b'], ''],
  ];
  for (const [text, path, result] of cases) {
    test(`from ${JSON.stringify(text)} at ${path.join('.')} leaves sound JSON`, () => {
      assert.equal(removeMember(text, path), result);
      if (result !== '') parseJsonc(result);
    });
  }

  test('undoes what setting it did', () => {
    assert.deepEqual(
      parseJsonc(removeMember(setMember(settings, ['servers', 'vmcp'], { a: [1] }), ['servers', 'vmcp'])),
      parseJsonc(settings),
    );
  });
});
