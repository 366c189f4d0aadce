/** What clients of real servers are listed, in bytes, and what the script tool tells of many backends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, listingsOf } from '../support/listings.ts';
import { realBackends } from '../support/real-backends.ts';

const script = 'execute_tool_script';

test('of 40 tools of real servers, code mode proper lists at most a quarter of the bytes', async () => {
  const { everything, filesystem, memory } = realBackends();
  const { plain, alongside, proper } = await listingsOf({ backends: [everything, filesystem, memory] });
  assert.equal(plain.length, 40);
  assert.equal(alongside.length, 41);
  assert.deepEqual(
    proper.map(({ name }) => name),
    [script],
  );
  const [all, rest] = [bytesOf(plain), bytesOf(proper)];
  assert.ok(rest * 4 <= all, `${rest} of ${all} bytes`);
  // Each tool is there with its parameters and what it is for.
  const lines = proper[0]!.description!.split('\n');
  for (const { name } of plain)
    assert.ok(
      lines.some((line) => line.startsWith(`${name.replaceAll('-', '_')}(`) && line.includes('  # ')),
      name,
    );
});

test('where not even the names fit, each real server is named, and what it says of itself is told', async () => {
  const { everything, filesystem, memory } = realBackends();
  const backends = [1, 2, 3].flatMap((at) =>
    [everything, filesystem, memory].map((backend) => ({ ...backend, name: `${backend.name}${at}` })),
  );
  const { plain, proper } = await listingsOf({ backends }, { maxDescriptionBytes: '4 KiB' });
  assert.equal(plain.length, 120);
  const description = proper[0]!.description!;
  assert.ok(Buffer.byteLength(description) <= 4096);
  for (const { name } of backends) assert.match(description, new RegExp(`^${name}_\\* \\(\\d+: .*\\)`, 'mu'));
  // The others say nothing of themselves.
  assert.match(description, /^everything2_\* .*  # .*Everything/mu);
});
