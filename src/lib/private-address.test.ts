import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrivateAddress } from './private-address.ts';

const cases: [address: string, isPrivate: boolean][] = [
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.0.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['0.0.0.0', true],
  ['8.8.8.8', false],
  ['::1', true],
  ['::', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['::ffff:10.0.0.1', true],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', true],
  ['64:ff9b::808:808', false],
  ['2001:4860:4860::8888', false],
  ['not an address', true],
];

for (const [address, isPrivate] of cases) {
  test(`${address} is ${isPrivate ? 'private' : 'public'}`, () => {
    assert.equal(isPrivateAddress(address), isPrivate);
  });
}
