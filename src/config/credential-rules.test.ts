import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load, problems } from '../../test/support/configurations.ts';
import type { HttpBackendConfig } from './schema/config.ts';

/** A file with one backend over HTTP called "one", with further keys of it, and further blocks. */
function file(keys: string, blocks = ''): string {
  return `name: d\nbackends: [{name: one, transport: sse, url: "https://one.example/sse"${keys}}]\n${blocks}`;
}

/** The backend called "one" of a sound file. */
function backend(text: string, environment: Record<string, string> = {}): HttpBackendConfig {
  const found = load(text, environment).config.backends.find(({ name }) => name === 'one');
  assert.ok(found !== undefined && found.transport !== 'stdio');
  return found;
}

const auth = (text: string): string => `outgoingAuth: {source: inline, ${text}}`;
const inject = (keys: string): string =>
  auth(`default: {type: header_injection, headerInjection: {${keys}}}`);

describe('headers of a backend', () => {
  test('have names in lower case, and the environment’s values', () => {
    const text = file(
      ', headers: {Authorization: "Bearer ${TOKEN}", X-Mode: "${MODE:-readonly}", Cookie: "a=b"}',
    );
    assert.deepEqual(backend(text, { TOKEN: 't0ken', MODE: '' }).headers, {
      authorization: 'Bearer t0ken',
      'x-mode': 'readonly',
      cookie: 'a=b',
    });
  });

  test('are secrets where they look like one, and always where a variable is in them', () => {
    const text = file(
      ', headers: {Authorization: "Bearer abcdef99", X-Toolsets: "issues", X-Opaque: "${HARMLESS}", X-Id: "q7w8e9r0"}',
    );
    const { secrets } = load(text, { HARMLESS: 'correcthorse' });
    for (const secret of ['Bearer abcdef99', 'abcdef99', 'correcthorse', 'q7w8e9r0'])
      assert.ok(secrets.includes(secret), secret);
    assert.ok(!secrets.includes('issues'));
  });
});

describe('outgoingAuth', () => {
  const toolhive = `name: engineering
backends:
  - {name: one, transport: streamable-http, url: "https://one.example/mcp"}
  - {name: two, transport: streamable-http, url: "https://two.example/mcp"}
  - {name: three, transport: sse, url: "https://three.example/sse"}
  - {name: constructor, transport: sse, url: "https://four.example/sse"}
outgoingAuth:
  source: inline
  default:
    type: header_injection
    headerInjection:
      headerName: X-API-Key
      headerValue: shared-key
  backends:
    one:
      type: header_injection
      headerInjection:
        headerName: Authorization
        headerValueEnv: ONE_TOKEN
    two:
      type: unauthenticated
    three:
      type: header_injection
      headerInjection:
        headerName: Authorization
        headerValue: ""
        headerValueFile: secrets/three
`;

  test('as ToolHive writes it gives each backend its strategy: its own, else the default', () => {
    const { config } = load(toolhive, { ONE_TOKEN: 'Bearer 1' });
    const type = 'header_injection';
    assert.deepEqual(
      config.backends.map((each) => each.transport !== 'stdio' && each.strategy),
      [
        { type, headerName: 'authorization', headerValue: 'Bearer 1' },
        { type: 'unauthenticated' },
        { type, headerName: 'authorization', headerValueFile: '/etc/vmcp/secrets/three' },
        { type, headerName: 'x-api-key', headerValue: 'shared-key' },
      ],
    );
  });

  test('holds secrets, whatever they look like', () => {
    const { secrets } = load(toolhive, { ONE_TOKEN: 'Bearer letters' });
    for (const secret of ['Bearer letters', 'letters', 'shared-key'])
      assert.ok(secrets.includes(secret), secret);
  });

  test('left out, or left empty, sends nothing', () => {
    assert.deepEqual(backend(file('')).strategy, { type: 'unauthenticated' });
    assert.deepEqual(backend(file('', auth('backends: {}'))).strategy, { type: 'unauthenticated' });
  });
});

const unsettable = 'cannot be set: it belongs to the connection, to the request or to MCP itself';
const oneOf = 'expected exactly one of "headerValue", "headerValueEnv", "headerValueFile", found';

describe('what identifies the gateway', () => {
  const cases: [title: string, text: string, expected: string[]][] = [
    [
      'goes over HTTP alone',
      'name: d\nbackends:\n  - name: one\n    transport: stdio\n    command: x\n    headers: {A: b}\n',
      [
        '6:5: "headers" goes only with "transport: streamable-http" or "transport: sse"; a process is given its secrets in "env"',
      ],
    ],
    [
      'is no header that breaks the connection, MCP or a trace',
      file('').replace(
        'sse"}]',
        'sse", headers: {\n  Host: a,\n  connection: a,\n  Content-Length: "1",\n  Mcp-Session-Id: a,\n  Proxy-Authorization: a,\n  traceparent: a,\n  "bad name": a}}]',
      ),
      [
        `3:3: "Host" ${unsettable}`,
        `4:3: "connection" ${unsettable}`,
        `5:3: "Content-Length" ${unsettable}`,
        `6:3: "Mcp-Session-Id" ${unsettable}`,
        `7:3: "Proxy-Authorization" ${unsettable}`,
        `8:3: "traceparent" ${unsettable}`,
        '9:3: backends[0].headers: expected the name of an HTTP header, found "bad name"',
      ],
    ],
    [
      'has a value that HTTP can carry, and that is not quoted when it has not',
      file(', headers: {\n  A: "s3cret\\r\\nHost: x",\n  B: "${EMPTY}",\n  C: "Bearer ${EMPTY}"}'),
      [
        '3:6: backends[0].headers.A: expected the value of an HTTP header, found a character that none may hold, such as a line break',
        '4:6: backends[0].headers.B: expected the value of an HTTP header, found none',
        '5:6: backends[0].headers.C: expected the value of an HTTP header, found a space at its end',
      ],
    ],
    [
      'is set once',
      file(', headers: {\n  X-Key: a,\n  x-key: b}'),
      ['4:3: "X-Key" and "x-key" are the same header: keep one of them'],
    ],
    [
      'needs the block of its strategy',
      file('', auth('default: {type: header_injection}')),
      ['3:41: the strategy "header_injection" needs "headerInjection", with "headerName" and its value'],
    ],
    [
      'needs the strategy of its block',
      file('', auth('default: {type: unauthenticated, headerInjection: {headerName: A, headerValue: b}}')),
      [
        '3:65: "headerInjection" has no effect with "type: unauthenticated": write "type: header_injection", or remove it',
      ],
    ],
    ['has a value', file('', inject('headerName: A')), [`3:83: ${oneOf} none`]],
    [
      'has one value',
      file('', inject('headerName: A, headerValue: b, headerValueEnv: SET, headerValueFile: ""')),
      [`3:83: ${oneOf} "headerValue" and "headerValueEnv"`],
    ],
    [
      'has a name',
      file('', inject('headerValue: b')),
      ['3:66: "outgoingAuth.default.headerInjection" lacks "headerName"'],
    ],
    [
      'has a name that may be set',
      file('', inject('headerName: Transfer-Encoding, headerValue: b')),
      [`3:96: "Transfer-Encoding" ${unsettable}`],
    ],
    [
      'has no key that is unknown',
      file('', inject('headerName: A, headerValueFrom: b')),
      [
        '3:83: expected exactly one of "headerValue", "headerValueEnv", "headerValueFile", found none',
        '3:99: unknown key "headerValueFrom" in "outgoingAuth.default.headerInjection". Did you mean "headerValueFile"?',
      ],
    ],
    [
      'is in a variable that is set',
      file('', inject('headerName: A, headerValueEnv: UNSET')),
      ['3:115: the environment variable UNSET is not set'],
    ],
    [
      'is in a variable that holds the value of a header',
      file('', inject('headerName: A, headerValueEnv: BROKEN')),
      [
        '3:115: in the environment variable BROKEN: expected the value of an HTTP header, found a character that none may hold, such as a line break',
      ],
    ],
    [
      'is not quoted where it is not sound',
      file('', inject('headerName: A, headerValue: "s3cret\\n"')),
      [
        '3:112: outgoingAuth.default.headerInjection.headerValue: expected the value of an HTTP header, found a character that none may hold, such as a line break',
      ],
    ],
    [
      'is for a process in its environment',
      `name: d\nbackends: [{name: a, transport: stdio, command: x}]\n${auth('backends: {a: {type: header_injection, headerInjection: {headerName: A, headerValue: b}}}')}`,
      ['3:46: a header cannot be sent to "a", which is a process (stdio): give it its secrets in "env"'],
    ],
    [
      'of every backend does not reach a process',
      `name: d\nbackends: [{name: a, transport: stdio, command: x}]\n${inject('headerName: A, headerValue: b')}`,
      ['3:32: warning: no header is sent to "a": a process (stdio) is given its secrets in "env"'],
    ],
    [
      'wins over what clients send and what the URL says',
      `name: d\nbackends:\n  - {name: one, transport: sse, url: "https://u:p@one.example/", headers: {X-Tenant: a}}\npassthroughHeaders: [x-tenant]\n${inject('headerName: Authorization, headerValue: b')}`,
      [
        `3:76: warning: clients' own "x-tenant" (passthroughHeaders) does not reach this backend: this one wins`,
        '5:84: warning: the name and the password in the "url" are not sent: this header wins',
      ],
    ],
    [
      'goes unencrypted only within one network',
      `name: d\nbackends:\n${[
        'http://one.example/',
        'http://10.1.2.3/',
        'http://localhost:1/',
        'http://svc/',
        'http://a.b.svc/',
        'http://8.8.8.8/',
        'http://[::1]/',
      ]
        .map((url, index) => `  - {name: b${index}, transport: sse, url: "${url}", headers: {A: b}}`)
        .join('\n')}`,
      [
        '3:32: warning: credentials go to "one.example" unencrypted: use https://',
        '8:32: warning: credentials go to "8.8.8.8" unencrypted: use https://',
      ],
    ],
  ];
  for (const [title, text, expected] of cases) {
    test(title, () => {
      assert.deepEqual(problems(text, { EMPTY: '', SET: 'x', BROKEN: 's3cret\n' }), expected);
    });
  }
});

describe('a strategy of ToolHive’s', () => {
  for (const [type, block, reason] of [
    ['upstream_inject', 'upstreamInject', /authorization server that ToolHive embeds.*"header_injection"/],
    ['aws_sts', 'awsSts', /not signed for AWS here; put a proxy that signs them/],
    ['obo', 'obo', /does nothing in the public one; .*"header_injection"/],
  ] as const) {
    test(`${type} is refused with the reason and what to use, by its type and by its block`, () => {
      const found = problems(file('', auth(`default: {type: ${type}, ${block}: {}}`)));
      assert.equal(found.length, 2);
      assert.match(found[0] ?? '', new RegExp(`outgoingAuth.default.type: "${type}" cannot be used: `));
      assert.match(found[1] ?? '', new RegExp(`"${block}" cannot be used: `));
      for (const problem of found) assert.match(problem, reason);
    });
  }
});
