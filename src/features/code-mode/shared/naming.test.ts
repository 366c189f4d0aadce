import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameTools, toIdentifier } from './naming.ts';

const taken = new Set(['len', 'json', 'call_tool']);

describe('toIdentifier', () => {
  const cases: [string, string, string][] = [
    ['keeps an identifier', 'github_list_issues', 'github_list_issues'],
    ['replaces each character that cannot stand in one', 'fs.read-file v2', 'fs_read_file_v2'],
    ['puts _ before a leading digit', '3d-render', '_3d_render'],
    ['puts _ after a reserved word', 'import', 'import_'],
    ['puts _ after a name that is reserved once it is replaced', 'for', 'for_'],
    ["puts _ after a built-in's name", 'len', 'len_'],
    ["puts _ after a module's name", 'json', 'json_'],
    ['keeps letters of other scripts', 'größe', 'größe'],
    ['replaces a character beyond the BMP by one _', 'a😀b', 'a_b'],
    ['makes a name of no letters', '', '_'],
  ];
  for (const [title, name, expected] of cases) {
    test(title, () => assert.equal(toIdentifier(name, taken), expected));
  }
});

describe('nameTools', () => {
  test('gives every tool of a collision a name of its own, whatever the order', () => {
    const forward = nameTools(['a.b', 'a-b', 'c'], taken);
    const backward = nameTools(['c', 'a-b', 'a.b'], taken);
    assert.deepEqual(forward, backward);
    assert.equal(new Set(forward.values()).size, 3);
    assert.match(forward.get('a.b') ?? '', /^a_b_[0-9a-f]{4}$/u);
    assert.match(forward.get('a-b') ?? '', /^a_b_[0-9a-f]{4}$/u);
    assert.equal(forward.get('c'), 'c');
  });

  test('lets a tool keep the identifier that is its real name', () => {
    const names = nameTools(['a-b', 'a_b'], taken);
    assert.equal(names.get('a_b'), 'a_b');
    assert.match(names.get('a-b') ?? '', /^a_b_[0-9a-f]{4}$/u);
  });

  test('keeps the suffix of a tool when others join the collision', () => {
    const two = nameTools(['a.b', 'a-b'], taken);
    const three = nameTools(['a.b', 'a-b', 'a b'], taken);
    assert.equal(three.get('a.b'), two.get('a.b'));
    assert.equal(three.get('a-b'), two.get('a-b'));
  });

  test('avoids a suffixed name that another tool has for its own', () => {
    const suffixed = nameTools(['a.b', 'a-b'], taken).get('a.b') ?? '';
    const names = nameTools(['a.b', 'a-b', suffixed], taken);
    assert.equal(names.get(suffixed), suffixed);
    assert.notEqual(names.get('a.b'), suffixed);
    assert.equal(new Set(names.values()).size, 3);
  });
});
