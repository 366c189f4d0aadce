import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noWishes, wishesOf, WishError, type Wish } from './wishes.ts';

const mode: Wish = { name: 'codeMode', header: 'Vmcp-Code-Mode', values: ['on', 'off'] };

function read(url: string, header?: string): Record<string, string> {
  return wishesOf({ url, headers: header === undefined ? {} : { 'vmcp-code-mode': header } }, [mode]);
}

describe('the wishes of a request', () => {
  test('are none where it says nothing', () => {
    assert.equal(read('/mcp'), noWishes);
    assert.equal(read('/mcp?'), noWishes);
    assert.equal(read('/mcp?other=on'), noWishes);
  });

  test('stand in a header or in the URL, and the header wins', () => {
    assert.deepEqual(read('/mcp', 'on'), { codeMode: 'on' });
    assert.deepEqual(read('/mcp?codeMode=off'), { codeMode: 'off' });
    assert.deepEqual(read('/mcp?codeMode=off', 'on'), { codeMode: 'on' });
  });

  const bad: readonly [url: string, header: string | undefined, message: RegExp][] = [
    ['/mcp', 'yes', /^expected the header Vmcp-Code-Mode to be "on" or "off", found "yes"$/u],
    ['/mcp', '', /found ""$/u],
    ['/mcp', 'ON', /found "ON"$/u],
    ['/mcp', 'on, off', /found "on, off"$/u],
    ['/mcp?codeMode=1', undefined, /^expected "codeMode" in the URL to be "on" or "off", found "1"$/u],
    ['/mcp?codeMode', undefined, /found ""$/u],
    ['/mcp?codeMode=on&codeMode=on', undefined, /found 2 values$/u],
    ['/mcp?codeMode=maybe', 'on', /in the URL/u],
  ];
  for (const [url, header, message] of bad) {
    test(`a bad value is an error: ${url}, ${JSON.stringify(header)}`, () => {
      assert.throws(
        () => read(url, header),
        (error) => error instanceof WishError && message.test(error.message),
      );
    });
  }

  test('a long bad value is not repeated whole', () => {
    assert.throws(
      () => read('/mcp', 'x'.repeat(5000)),
      (error: WishError) => error.message.length < 120,
    );
  });
});
