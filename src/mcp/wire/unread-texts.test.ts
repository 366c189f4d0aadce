import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, JsonValue } from '../../protocol/index.ts';
import { takeUnreadText } from '../../gateway/index.ts';
import { parseMessage, WireError } from './jsonrpc.ts';
import { parseMessageButTexts } from './unread-texts.ts';

const long = JSON.stringify(Array.from({ length: 5000 }, (_, n) => ({ n, title: 'é "quoted"' })));
const otherLong = 'x'.repeat(70_000);

function resultOf(text: string): JsonObject {
  const parsed = parseMessageButTexts(text);
  return parsed.kind === 'result' ? parsed.message.result : assert.fail(parsed.kind);
}

function written(result: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, result });
}

function unreadOf({ content }: JsonObject): (string | undefined)[] {
  return (content as JsonValue[]).map(takeUnreadText);
}

describe('a message of which long texts are not read', () => {
  test('has each of them as the JSON string that it came as', () => {
    const content = [long, 'short', otherLong].map((text) => ({ type: 'text', text, annotations: {} }));
    const text = written({ content, isError: false, structuredContent: { big: 0 } }).replace(
      '"big":0',
      '"big":12345678901234567890',
    );
    const result = resultOf(text);
    assert.equal(result['isError'], false);
    assert.equal(written(result), text);
    assert.deepEqual(unreadOf(result), [JSON.stringify(long), undefined, JSON.stringify(otherLong)]);
  });

  for (const [what, result] of Object.entries<JsonObject>({
    'in structured content': { content: [{ type: 'text', text: long }], structuredContent: { long } },
    'in another kind of block': { content: [{ type: 'image', data: otherLong, mimeType: 'image/png' }] },
    'as the text of another kind of block': { content: [{ type: 'own', text: long }] },
    'within a block': { content: [{ type: 'resource', resource: { uri: 'a:b', text: long } }] },
    'as a key': { content: [], structuredContent: { [otherLong]: 1 } },
    'where content is no list': { content: { text: long } },
    'without content': { contents: [{ uri: 'a:b', text: long }] },
  })) {
    test(`is read as any other with a long string ${what}`, () => {
      assert.deepEqual(resultOf(written(result)), result);
    });
  }

  test('is read as any other where a text is given twice', () => {
    const block = (texts: string[]): string => {
      return `{"type":"text",${texts.map((text) => `"text":${JSON.stringify(text)}`).join()}}`;
    };
    for (const texts of [
      [long, otherLong],
      [long, 'short'],
    ]) {
      const text = `{"jsonrpc":"2.0","id":1,"result":{"content":[${block(texts)}]}}`;
      assert.deepEqual(resultOf(text), { content: [{ type: 'text', text: texts[1] }] });
    }
  });

  test('may be of any kind and length', () => {
    for (const message of [
      { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'short' }] } },
      { jsonrpc: '2.0', id: 1, method: 'ping', params: { long } },
      { jsonrpc: '2.0', id: 1, error: { code: 1, message: long } },
    ]) {
      const text = JSON.stringify(message);
      assert.deepEqual(parseMessageButTexts(text), parseMessage(text));
    }
  });

  test('fails where it is no message, and within a text only when that is read', () => {
    const text = written({ content: [{ type: 'text', text: long }] });
    const deep = written({
      content: [{ type: 'text', text: long, deep: JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`) }],
    });
    for (const broken of [text.slice(0, -1), text.slice(0, 50_000), `${text}}`, deep]) {
      let expected: unknown;
      assert.throws(
        () => parseMessage(broken),
        (error) => {
          expected = error;
          return error instanceof WireError;
        },
      );
      assert.throws(() => parseMessageButTexts(broken), expected as WireError);
    }
    const [block] = resultOf(text.replace('quoted', '\\x'))['content'] as JsonObject[];
    assert.throws(() => block?.['text'], SyntaxError);
  });
});
