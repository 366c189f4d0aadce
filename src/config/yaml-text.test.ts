import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editYamlMember, parseYaml } from './yaml-text.ts';

const goose = `# Goose.
GOOSE_PROVIDER:   anthropic
extensions:
  developer:
    enabled: true   # needed
    type: builtin

  # the other one
  memory: {enabled: false}

# The end.
GOOSE_MODE: auto
`;
const at = ['extensions', 'vmcp'] as const;
const entry = { type: 'streamable_http', uri: 'http://v', envs: {} };
const lines = '  vmcp:\n    type: streamable_http\n    uri: http://v\n    envs: {}\n';

describe('a member of a YAML mapping', () => {
  test('is added behind the last one, with every other line as it is', () => {
    const changed = editYamlMember(goose, at, entry);
    assert.equal(changed, goose.replace('{enabled: false}\n', `{enabled: false}\n${lines}`));
    assert.deepEqual(parseYaml(changed), {
      ...(parseYaml(goose) as object),
      extensions: { ...(parseYaml(goose) as { extensions: object }).extensions, vmcp: entry },
    });
  });

  test('is replaced and removed in its place', () => {
    const changed = editYamlMember(goose, ['extensions', 'developer'], { a: 1 });
    assert.match(changed, /extensions:\n {2}developer:\n {4}a: 1\n {2}memory/);
    assert.equal(editYamlMember(editYamlMember(goose, at, entry), at, undefined), goose);
    assert.equal(editYamlMember(goose, at, undefined), goose);
  });

  const made: [text: string, result: string][] = [
    ['', `extensions:\n${lines}`],
    ['# only this\n', `# only this\nextensions:\n${lines}`],
    ['a: 1', `a: 1\nextensions:\n${lines}`],
    ['extensions:\na: 1\n', `extensions:\n${lines}a: 1\n`],
    ['extensions: {}\n', `extensions:\n${lines}`],
    ['extensions: {x: {y: 1}} # note\n', `extensions:\n  x: { y: 1 }\n${lines}  # note\n`],
  ];
  for (const [text, result] of made) {
    test(`is made where there is no block for it: ${JSON.stringify(text)}`, () => {
      const changed = editYamlMember(text, at, entry);
      assert.equal(changed, result);
      assert.deepEqual((parseYaml(changed) as { extensions: { vmcp: unknown } }).extensions.vmcp, entry);
    });
  }

  test('leaves an empty mapping when it was the only one', () => {
    const alone = editYamlMember('extensions:\n  vmcp:\n    a: 1\nb: 2\n', at, undefined);
    assert.deepEqual(parseYaml(alone), { extensions: {}, b: 2 });
  });

  test('is refused where the text is not YAML, or has no mapping there', () => {
    assert.throws(() => editYamlMember('a: [', at, entry), /it is not YAML: /);
    assert.throws(() => editYamlMember('- a', at, entry), /expected a mapping at the top/);
    assert.throws(
      () => editYamlMember('extensions: [a]', at, entry),
      /expected "extensions" to be a mapping/,
    );
  });
});
