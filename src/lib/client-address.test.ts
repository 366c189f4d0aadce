import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress } from './client-address.ts';

const trusted = ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'];

const cases: [
  remote: string | undefined,
  forwarded: string | string[] | undefined,
  expected: string | undefined,
][] = [
  ['203.0.113.9', undefined, '203.0.113.9'],
  ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', undefined, '10.1.2.3'],
  ['10.1.2.3', '6.6.6.6, 198.51.100.1, 192.0.2.1', '198.51.100.1'],
  ['10.1.2.3', ['6.6.6.6', '198.51.100.1'], '198.51.100.1'],
  ['10.1.2.3', '198.51.100.1, unknown', '10.1.2.3'],
  ['10.1.2.3', '10.9.9.9, 10.8.8.8', '10.9.9.9'],
  ['::ffff:10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
  ['2001:db8::7', '[2001:4860::1]:443', '2001:4860::1'],
  [undefined, '198.51.100.1', undefined],
];

for (const [remote, forwarded, expected] of cases)
  test(`${remote} with X-Forwarded-For ${JSON.stringify(forwarded)} is ${expected}`, () => {
    const headers = { 'x-forwarded-for': forwarded };
    assert.equal(clientAddress(trusted)({ remoteAddress: remote, headers }), expected);
  });

test('without trusted proxies no header is believed', () => {
  const headers = { 'x-forwarded-for': '198.51.100.1' };
  assert.equal(clientAddress([])({ remoteAddress: '127.0.0.1', headers }), '127.0.0.1');
});
