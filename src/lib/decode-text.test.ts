import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from './decode-text.ts';

test('reads UTF-8 and, by their byte order marks, both kinds of UTF-16', () => {
  const little = Buffer.from('\uFEFFé: 1\r\n', 'utf16le');
  const cases: [bytes: Uint8Array, text: string][] = [
    [Buffer.from('é: 1\n'), 'é: 1\n'],
    [Buffer.from('\uFEFFé'), 'é'],
    [little, 'é: 1\r\n'],
    [Buffer.from(little).swap16(), 'é: 1\r\n'],
    [Buffer.from(''), ''],
    [Buffer.from([0x63, 0xe9]), 'c\uFFFD'],
  ];
  for (const [bytes, text] of cases) assert.equal(decodeText(bytes), text);
});
