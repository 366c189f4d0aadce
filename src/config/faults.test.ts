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

test('where to listen is chosen on the command line, which the problem of such a key says', () => {
  const cases: [key: string, says: string][] = [
    ['port: 8080', 'unknown key "port". The port is chosen on the command line: vmcp serve --port PORT.'],
    ['host: a', 'unknown key "host". The address is chosen on the command line: vmcp serve --host ADDRESS.'],
  ];
  for (const [key, says] of cases) assert.deepEqual(problems(`name: d\n${one}\n${key}`), [`3:1: ${says}`]);
});

test('keys that are refused are not offered, and are what a near miss still leads to', () => {
  const [listed] = problems(`name: d\n${one}\nzzz: 1`);
  assert.match(
    listed ?? '',
    /Expected one of "name", .*"sessionStorage", "incomingAuth", "audit", "rateLimiting", "codeMode", "console"\.$/,
  );
  assert.doesNotMatch(listed ?? '', /optimizer|compositeTools/);
  assert.match(problems(`name: d\n${one}\naudt: 1`).join(), /Did you mean "audit"\?/);
  const http = problems('name: d\nbackends: [{name: a, transport: sse, url: "http://a", zzz: 1}]');
  assert.match(
    http.join(),
    /Expected one of "name", "connection", "startTimeout", "metadata", "transport", "url", "type", "caB/,
  );
  assert.doesNotMatch(http.join(), /"command"/);
});

test('a command that holds its arguments is refused, and a path with spaces is not', () => {
  const backend = (command: string): string =>
    `name: d\nbackends: [{name: a, transport: stdio, command: "${command}"}]`;
  assert.deepEqual(problems(backend('npx -y foo')), [
    '2:49: backends[0].command: expected one program, with its arguments in "args", found "npx -y foo"',
  ]);
  assert.deepEqual(problems(backend('')), ['2:49: backends[0].command: expected some text, found none']);
  for (const sound of ['npx', '/opt/my server/run', 'C:/Program Files/node.exe', './run it'])
    assert.deepEqual(problems(backend(sound)), []);
});
