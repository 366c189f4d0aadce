import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedact } from './redact.ts';

test('secrets are taken out of a text wherever they stand, plain, in JSON and in a URL', () => {
  const redact = createRedact(['s3cret/+', 'say "hi"', 'abc', 'abcdef']);
  assert.equal(redact('token s3cret/+ and s3cret%2F%2B'), 'token [redacted] and [redacted]');
  assert.equal(redact(JSON.stringify({ text: 'say "hi"' })), '{"text":"[redacted]"}');
  assert.equal(redact('abcdef abc'), '[redacted] [redacted]');
  assert.equal(redact('nothing here'), 'nothing here');
});

test('without secrets a text stays as it is', () => {
  assert.equal(createRedact([''])('x'), 'x');
});

test('a secret is found in every form in which it is sent or quoted', () => {
  const secret = 'pä55/wörd "+" ~s3cret';
  const redact = createRedact([secret]);
  const url = encodeURIComponent(secret);
  const base64 = Buffer.from(secret).toString('base64');
  const json = JSON.stringify(secret);
  const forms = [
    secret,
    url,
    url.replaceAll(/%../g, (escaped) => escaped.toLowerCase()),
    url.replaceAll('%20', '+'),
    base64,
    base64.replaceAll('=', ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    json.slice(1, -1),
    JSON.stringify(json).slice(3, -3),
    secret.replaceAll('/', '\\/'),
    base64.replaceAll('/', '\\/'),
  ];
  for (const form of forms) assert.equal(redact(`<${form}>`), '<[redacted]>', form);
});

test('a secret is found within what was put into base64 with it', () => {
  const redact = createRedact(['s3cret-passw0rd?']);
  for (const user of ['', 'u', 'us', 'use', 'user'])
    for (const more of ['', '!', '!!'])
      for (const encoding of ['base64', 'base64url'] as const) {
        const sent = Buffer.from(`${user}:s3cret-passw0rd?${more}`).toString(encoding);
        const kept = redact(`Basic ${sent}`);
        assert.match(kept, /^Basic .*\[redacted\]/);
        const [before = '', after = ''] = kept.slice('Basic '.length).split('[redacted]');
        assert.ok(before.length <= Math.ceil(((user.length + 2) * 8) / 6), `${kept} of ${sent}`);
        assert.ok(
          after.replaceAll('=', '').length <= Math.ceil(((more.length + 1) * 8) / 6),
          `${kept} of ${sent}`,
        );
      }
});

test('a text that is not well-formed Unicode does no harm', () => {
  assert.equal(createRedact(['abc\ud800def'])('abc\ud800def'), '[redacted]');
});

test('a secret is found in JSON within JSON, however deep, and whatever its writer escapes', () => {
  const secret = 'a"b\\c/d&e<é\tf😀g';
  const redact = createRedact([secret]);
  let text = secret;
  for (let depth = 0; depth < 6; depth++) {
    assert.equal(redact(text).replaceAll(/[\\"]/g, ''), '[redacted]', text);
    text = JSON.stringify(text);
  }
  const escaped = (pattern: RegExp): string =>
    JSON.stringify(secret)
      .slice(1, -1)
      .replaceAll(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`);
  assert.equal(redact(escaped(/[&<>]/g)), '[redacted]');
  assert.equal(redact(escaped(/[^ -~]/g)), '[redacted]');
  assert.equal(
    redact(
      escaped(/[^ -~]/g)
        .toLowerCase()
        .replaceAll('\\T', '\\t'),
    ),
    '[redacted]',
  );
  assert.equal(redact(escaped(/\//g)), '[redacted]');
});

test('every character of a secret stands for itself alone', () => {
  const every = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  assert.equal(createRedact([every])(`<${every}>`), '<[redacted]>');
  assert.equal(createRedact(['a.c+e|f-g'])('abcce|f-g a.cee|f-g'), 'abcce|f-g a.cee|f-g');
});

test('a secret of several lines is found where a writer of JSON has them in one', () => {
  const redact = createRedact(['-----BEGIN KEY-----\nMIIB+/x\r\n-----END KEY-----']);
  const text = JSON.stringify({ key: '-----BEGIN KEY-----\nMIIB+/x\r\n-----END KEY-----', next: '\n' });
  assert.equal(redact(text), '{"key":"[redacted]","next":"\\n"}');
});

test('what stands around a secret in a text with backslashes stays', () => {
  const redact = createRedact(['n/secret', 'plain-word']);
  assert.equal(redact('C:\\n/secret\\x'), 'C:\\[redacted]\\x');
  assert.equal(redact('\\\\"n\\/secret\\" \\n plain-word\\n'), '\\\\"[redacted]\\" \\n [redacted]\\n');
  assert.equal(redact('\\'), '\\');
});
