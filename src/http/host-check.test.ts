import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCheck, isLoopback } from './host-check.ts';

describe('which hosts and origins pass', () => {
  const cases: [
    bound: string,
    allowed: string[],
    host: string | undefined,
    origin: string | undefined,
    passes: boolean,
  ][] = [
    ['127.0.0.1', [], '127.0.0.1:4483', undefined, true],
    ['127.0.0.1', [], 'localhost', undefined, true],
    ['127.0.0.1', [], 'LOCALHOST:1', undefined, true],
    ['127.0.0.1', [], '[::1]:4483', undefined, true],
    ['::1', [], '[::1]', undefined, true],
    ['127.0.0.2', [], '127.0.0.2', undefined, true],
    ['127.0.0.1', [], 'evil.example', undefined, false],
    ['127.0.0.1', [], 'localhost.evil.example', undefined, false],
    ['127.0.0.1', [], 'evil.example/localhost', undefined, false],
    ['127.0.0.1', [], 'localhost@evil.example', undefined, false],
    ['127.0.0.1', [], '', undefined, false],
    ['127.0.0.1', [], undefined, undefined, false],
    ['127.0.0.1', ['gw.example.com'], 'gw.example.com', undefined, true],
    ['127.0.0.1', ['gw.example.com'], 'evil.example', undefined, false],
    ['127.0.0.1', ['gw.example.com'], 'gw.example.com', 'https://gw.example.com', true],
    ['127.0.0.1', [], 'localhost', 'http://localhost:6274', true],
    ['127.0.0.1', [], 'localhost', 'https://evil.example', false],
    ['127.0.0.1', [], 'localhost', 'null', false],
    ['127.0.0.1', [], 'localhost', 'localhost', false],
    ['127.0.0.1', [], 'localhost', '', true],
    ['0.0.0.0', [], 'anything.example', undefined, true],
    ['0.0.0.0', [], 'anything.example', 'https://anything.example', true],
    ['0.0.0.0', [], 'anything.example', 'https://evil.example', false],
    ['0.0.0.0', ['mcp.example'], 'MCP.example:443', undefined, true],
    ['0.0.0.0', ['mcp.example'], 'localhost', undefined, false],
    ['0.0.0.0', ['mcp.example'], 'mcp.example', 'https://mcp.example', true],
    ['0.0.0.0', ['mcp.example'], 'mcp.example', 'https://localhost', false],
  ];
  for (const [bound, allowed, host, origin, passes] of cases) {
    const title = `bound to ${bound}, allowing [${allowed.join()}]: Host ${host}, Origin ${origin}`;
    test(`${title} ${passes ? 'passes' : 'is refused'}`, () => {
      const headers = { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) };
      assert.equal(new HostCheck(bound, allowed).faultOf(headers) === undefined, passes);
    });
  }

  test('pages of a site that is allowed may ask, and no other site that looks like it', () => {
    for (const bound of ['127.0.0.1', '0.0.0.0']) {
      const check = new HostCheck(bound, [], ['https://chat.example.com']);
      const faultFrom = (origin: string): string | undefined => check.faultOf({ host: 'localhost', origin });
      assert.equal(faultFrom('https://chat.example.com'), undefined);
      for (const other of ['http://chat.example.com', 'https://chat.example.com:444', 'https://example.com'])
        assert.match(faultFrom(other) ?? '', /Origin/, other);
      assert.equal(faultFrom('http://localhost:6274'), undefined);
    }
  });

  test('a host that passed once does not let an origin pass', () => {
    const hosts = new HostCheck('127.0.0.1', []);
    assert.equal(hosts.faultOf({ host: 'localhost' }), undefined);
    assert.notEqual(hosts.faultOf({ host: 'localhost', origin: 'https://evil.example' }), undefined);
  });
});

test('loopback addresses are told from others that look like them', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '::1', '[::1]'])
    assert.equal(isLoopback(host), true, host);
  for (const host of ['0.0.0.0', '::', '127.0.0.1.example', '10.0.0.1', 'localhost.example']) {
    assert.equal(isLoopback(host), false, host);
  }
});
