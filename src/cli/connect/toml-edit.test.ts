import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'smol-toml';
import { editTable } from './toml-edit.ts';

const codex = `# Codex.
model = "gpt-5"
notes = """
[mcp_servers.vmcp]
not a header
"""

[mcp_servers.github]
command = "npx"   # as ever
args = [
  "-y",
  "[x]",
]

# Of github.
[mcp_servers.github.env]
TOKEN = "t"

[profiles."my own"]
model = 'o3'
`;
const path = ['mcp_servers', 'vmcp'];
const entry = { url: 'http://v/mcp', args: ['a', 'b'], n: 1 };

function plain(text: string): { mcp_servers: object } {
  return JSON.parse(JSON.stringify(parse(text))) as { mcp_servers: object };
}

describe('a table of a TOML file', () => {
  test('is added at the end, with every other line as it is', () => {
    const changed = editTable(codex, path, entry);
    assert.equal(changed, `${codex}\n[mcp_servers.vmcp]\nurl = "http://v/mcp"\nargs = ["a", "b"]\nn = 1\n`);
    const { mcp_servers: servers, ...rest } = plain(changed);
    const { mcp_servers: before, ...others } = plain(codex);
    assert.deepEqual([servers, rest], [{ ...before, vmcp: entry }, others]);
  });

  test('is replaced where it stands, with the tables below it, and removed again', () => {
    const added = editTable(codex, path, entry);
    assert.equal(editTable(added, path, entry), added);
    assert.equal(editTable(added, path, undefined), codex);
    const changed = editTable(codex, ['mcp_servers', 'github'], { url: 'x' });
    assert.match(changed, /"""\n\n\[mcp_servers\.github\]\nurl = "x"\n\n\[profiles\."my own"\]/);
    assert.equal(editTable(codex, path, undefined), codex);
  });

  test('is made in an empty file, under a quoted name where it needs one', () => {
    assert.equal(
      editTable('', ['mcp_servers', 'my vmcp'], { url: 'u' }),
      '[mcp_servers."my vmcp"]\nurl = "u"\n',
    );
  });

  test('keeps the line breaks of the file', () => {
    assert.equal(
      editTable('a = 1\r\n', path, { url: 'u' }),
      'a = 1\r\n\r\n[mcp_servers.vmcp]\r\nurl = "u"\r\n',
    );
  });

  test('is refused where the text is not TOML', () => {
    assert.throws(() => editTable('a = ', path, entry));
  });
});
