import assert from 'node:assert/strict';
import { test } from 'node:test';
import { one, problems } from '../../test/support/configurations.ts';
import { configReader } from '../server/config.ts';
import { ConfigError } from './problem.ts';

test("a client's configuration is told from a server's, and what makes one of the other", () => {
  for (const key of ['mcpServers', 'servers']) {
    const text = JSON.stringify({ [key]: { a: { command: 'x' } } });
    assert.throws(
      () => configReader.parse(text, { file: 'mcp.json', environment: {} }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(
          error.message,
          new RegExp(`unknown key "${key}"\\. This looks .* "vmcp init --from FILE" makes one`),
        );
        return true;
      },
    );
  }
});

test('a key that is missing is missed, however much another that is there resembles it', () => {
  const text = `name: d\n${one}\noutgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerValue: x}}}`;
  assert.deepEqual(problems(text), ['3:66: "outgoingAuth.default.headerInjection" lacks "headerName"']);
});
