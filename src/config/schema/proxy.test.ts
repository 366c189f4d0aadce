import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load, problems } from '../../../test/support/configurations.ts';
import { proxyOf } from './proxy.ts';

const both = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };

describe('the proxy that the environment names', () => {
  for (const [title, url, environment, expected] of [
    ['goes by the scheme of the backend', 'https://a.example/', both, 'http://secure:2'],
    ['goes by the scheme of the backend, without TLS too', 'http://a.example/', both, 'http://plain:1'],
    ['of one scheme is none for the other', 'https://a.example/', { HTTP_PROXY: 'http://p:1' }, undefined],
    [
      'may be in small letters, which win',
      'http://a.example/',
      { ...both, http_proxy: 'http://q' },
      'http://q',
    ],
    ['that is empty is none', 'https://a.example/', { HTTPS_PROXY: '' }, undefined],
    ['may lack its scheme', 'https://a.example/', { HTTPS_PROXY: 'p.corp:3128' }, 'http://p.corp:3128'],
    ['is not for this machine by name', 'http://localhost:1/', both, undefined],
    ['is not for this machine by address', 'http://127.8.9.1:1/', both, undefined],
    ['is not for this machine by address of IPv6', 'https://[::1]/', both, undefined],
  ] as const) {
    test(title, () => assert.equal(proxyOf(new URL(url), environment)?.url, expected));
  }

  for (const [exceptions, url, isDirect] of [
    ['*', 'https://a.example/', true],
    ['a.example', 'https://a.example/', true],
    ['A.Example', 'https://a.example./', true],
    ['a.example', 'https://deep.b.a.example/', true],
    ['a.example', 'https://ba.example/', false],
    ['.a.example', 'https://b.a.example/', true],
    ['.a.example', 'https://a.example/', false],
    ['*.a.example', 'https://b.a.example/', true],
    ['b.example, a.example', 'https://a.example/', true],
    ['b.example a.example', 'https://a.example/', true],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:8443', 'https://a.example/', false],
    ['a.example:8443', 'https://a.example:8443/', true],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.0.0.0/8', 'https://a.example/', false],
    ['10.0.0.0/99', 'https://10.1.2.3/', false],
    ['fd00::/8', 'https://[fd12::1]/', true],
    ['fd12::1', 'https://[fd12::1]:8443/', true],
    ['[fd12::1]:8443', 'https://[fd12::1]:8443/', true],
    ['[fd12::1]:8443', 'https://[fd12::1]/', false],
    ['.', 'https://a.example/', false],
    [',', 'https://a.example/', false],
  ] as const) {
    test(`is ${isDirect ? 'not ' : ''}asked for ${url} where NO_PROXY is "${exceptions}"`, () => {
      const proxy = proxyOf(new URL(url), { ...both, NO_PROXY: exceptions });
      assert.equal(proxy === undefined, isDirect);
    });
  }
});

describe('the proxy of a backend', () => {
  const file = (keys: string): string =>
    `name: d\nbackends: [{name: a, transport: sse, url: "https://a.example/sse"${keys}}]\n`;
  const proxy = (text: string, environment: Record<string, string> = both): unknown => {
    const [backend] = load(text, environment).config.backends;
    assert.ok(backend !== undefined && backend.transport !== 'stdio');
    return backend.proxy;
  };

  test('is the environment’s, unless it has its own, or wants none', () => {
    assert.deepEqual(proxy(file('')), { url: 'http://secure:2', from: 'HTTPS_PROXY' });
    assert.deepEqual(proxy(file(', proxy: ""')), { url: 'http://secure:2', from: 'HTTPS_PROXY' });
    assert.deepEqual(proxy(file(', proxy: "https://own:3"')), { url: 'https://own:3', from: 'proxy' });
    assert.equal(proxy(file(', proxy: none')), undefined);
    assert.equal(proxy(file(''), {}), undefined);
  });

  test('may hold a name and a password, which are secrets, in the environment too', () => {
    const text = file(', proxy: "http://me:pr0xy-pass@own:3"');
    assert.ok(load(text).secrets.includes('pr0xy-pass'));
    const { secrets } = load(file(''), { HTTPS_PROXY: 'http://me:env-pr0xy@own:3' });
    assert.ok(secrets.includes('env-pr0xy') && secrets.includes('me:env-pr0xy'));
  });

  test('that is no HTTP proxy is refused where it is named, without quoting what may be a password', () => {
    const expected =
      'backends[0].proxy: expected "none", or the URL of an HTTP proxy such as "http://proxy.example:3128"';
    for (const [written, found] of [
      ['socks5://p:1', '"socks5://p:1"'],
      ['p:1', '"p:1"'],
      ['http://p:1/path', '"http://p:1/path"'],
      ['ftp://me:secret@p', 'a text'],
    ]) {
      const [problem = ''] = problems(file(`, proxy: "${written}"`));
      assert.equal(problem.replace(/^[\d:]+ /, ''), `${expected}, found ${found}`);
    }
    const [problem = ''] = problems(file(''), { https_proxy: 'socks5://me:secret@p' });
    assert.equal(
      problem,
      '2:43: the environment variable https_proxy is not the URL of an HTTP proxy such as "http://proxy.example:3128"; "proxy: none" goes without it',
    );
    assert.deepEqual(problems(file(', proxy: none'), { https_proxy: 'socks5://p' }), []);
  });

  test('is nothing that a process has', () => {
    const text = 'name: d\nbackends:\n  - {name: a, transport: stdio, command: x, proxy: none}';
    assert.match(problems(text).join(), /"proxy" goes only with "transport: streamable-http" or/);
  });
});
