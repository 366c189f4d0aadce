import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cpuMs } from '../../../test/support/cpu.ts';
import { ProtocolError } from '../../protocol/index.ts';
import { WireError, errorText, parseMessage, requestText, toErrorBody } from './jsonrpc.ts';

/** Kind and fault of what a text is read as, or why it is none. */
function read(text: string): string {
  try {
    const parsed = parseMessage(text, 4);
    return 'fault' in parsed ? `${parsed.kind}, at fault` : parsed.kind;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.id === undefined ? error.fault : `${error.fault} of ${JSON.stringify(error.id)}`;
  }
}

describe('a text is read as', () => {
  const cases: [string, string][] = [
    ['{"jsonrpc":"2.0","id":1,"method":"m"}', 'request'],
    ['{"jsonrpc":"2.0","id":"a","method":"m","params":{"x":[1]}}', 'request'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","future":1}', 'request'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}', 'request, at fault'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":null}', 'request'],
    ['{"jsonrpc":"2.0","id":1.5,"method":"m"}', 'not-a-message'],
    ['{"jsonrpc":"2.0","id":9007199254740993,"method":"m"}', 'not-a-message'],
    ['{"jsonrpc":"2.0","method":"m"}', 'notification'],
    ['{"jsonrpc":"2.0","method":"m","params":[]}', 'not-a-message'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'result'],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m"}}', 'error'],
    ['{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m"}}', 'error'],
    ['{"jsonrpc":"2.0","error":{"code":-1,"message":"m"}}', 'error'],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"m"}}', 'not-a-message of 1'],
    ['{"jsonrpc":"2.0","id":1,"result":7}', 'not-a-message of 1'],
    ['{"jsonrpc":"2.0","result":{}}', 'not-a-message'],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', 'not-a-message'],
    ['{"jsonrpc":"2.0","id":true,"method":"m"}', 'not-a-message'],
    ['{"jsonrpc":"2.0","id":1,"method":7}', 'not-a-message of 1'],
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', 'not-a-message of 1'],
    ['{"jsonrpc":"2.0","id":"a"}', 'not-a-message of "a"'],
    ['[{"jsonrpc":"2.0","id":1,"method":"m"}]', 'batch'],
    ['[]', 'batch'],
    ['7', 'not-a-message'],
    ['null', 'not-a-message'],
    ['', 'not-json'],
    ['{"jsonrpc"', 'not-json'],
    ['[[[[[]]]]]', 'too-deep'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[[1]]}}', 'request'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[[[1]]]}}', 'too-deep'],
    ['{"jsonrpc":"2.0","id":1,"method":"[[[[[[","params":{"\\"{{{{{":"\\\\"}}', 'request'],
    ['{"jsonrpc":"2.0","id":1,"method":"unterminated [[[[[[[', 'not-json'],
  ];
  for (const [text, expected] of cases)
    test(`${expected}: ${text}`, () => assert.equal(read(text), expected));
});

test('a million brackets are refused in no time', () => {
  const text = '['.repeat(1_000_000);
  assert.ok(cpuMs(() => assert.equal(read(text), 'too-deep')) < 1_000);
});

test('parameters that are left out are left out of the text', () => {
  assert.equal(requestText(1, 'm'), '{"jsonrpc":"2.0","id":1,"method":"m"}');
  assert.equal(
    errorText(null, { code: 1, message: 'x' }),
    '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}',
  );
});

test('only protocol errors tell the other side what happened', () => {
  assert.deepEqual(toErrorBody(new ProtocolError(-5, 'no', { data: [1] })), {
    code: -5,
    message: 'no',
    data: [1],
  });
  assert.deepEqual(toErrorBody(new Error('secret')), { code: -32603, message: 'internal error' });
});

test('whole numbers of any length inside parameters and results are written as they were read', () => {
  const long = '12345678901234567890';
  const inside = `{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"id":${long},"of":[-${long}]}}}`;
  assert.equal(JSON.stringify(parseMessage(inside).message), inside);
  const answer = `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"id":${long}}}}`;
  assert.equal(JSON.stringify(parseMessage(answer).message), answer);
});

test('what the gateway itself reads is a number, or no message', () => {
  const long = '12345678901234567890';
  const { message } = parseMessage(`{"jsonrpc":"2.0","id":1,"error":{"code":${long},"message":"m"}}`);
  assert.deepEqual('error' in message && message.error.code, Number(long));
  assert.ok('fault' in parseMessage(`{"jsonrpc":"2.0","id":1,"method":"x","params":${long}}`));
  for (const part of ['result', 'error']) {
    assert.throws(() => parseMessage(`{"jsonrpc":"2.0","id":1,"${part}":${long}}`), WireError);
  }
});

test('numbers too large for any are written as they were read', () => {
  const text =
    '{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"a":1e400,"b":-1E+999,"c":[2.5e310]}}}';
  assert.equal(JSON.stringify(parseMessage(text).message), text);
});

test('what a client writes as null is absent where it may be', () => {
  const { message } = parseMessage(
    '{"jsonrpc":"2.0","id":1,"method":"x","params":{"cursor":null,"arguments":null,"_meta":null,"a":null}}',
  );
  assert.deepEqual(message, { jsonrpc: '2.0', id: 1, method: 'x', params: { a: null } });
  const token = '{"jsonrpc":"2.0","method":"x","params":{"_meta":{"progressToken":null}}}';
  assert.deepEqual(parseMessage(token).message, { jsonrpc: '2.0', method: 'x', params: { _meta: {} } });
});

test('numbers that are only passed on stay as they were written', () => {
  for (const text of [
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"n":9007199254740993,"_meta":{"progressToken":9007199254740993}}}',
    '{"jsonrpc":"2.0","id":1,"result":{"n":1e400,"_meta":{"n":-12345678901234567891}}}',
  ])
    assert.equal(JSON.stringify(parseMessage(text).message), text);
});
