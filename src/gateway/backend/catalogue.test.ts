import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Listing } from './backend.ts';
import { cleanList } from './catalogue.ts';
import { parseExactly } from '../../lib/exact-json.ts';
import type { JsonObject } from '../../protocol/index.ts';

const inputSchema = { type: 'object' };

function clean(listing: Listing, ...entries: JsonObject[]): { kept: JsonObject[]; said: string[] } {
  const said: string[] = [];
  return { kept: cleanList(listing, entries, (why) => said.push(why)), said };
}

describe('a list as a backend sent it', () => {
  test('is taken as it is where nothing is wrong with it, what nobody knows included', () => {
    const sound = { name: 'a', title: 'A', inputSchema, annotations: {}, icons: [], unheard: null };
    const { kept, said } = clean('tools', sound);
    assert.equal(kept[0], sound);
    assert.deepEqual(said, []);
  });

  test('loses entries without a name, and those of a name that was there before', () => {
    const { kept, said } = clean('prompts', { name: 'a' }, { title: 'no name' }, { name: '' }, { name: 'a' });
    assert.deepEqual(kept, [{ name: 'a' }]);
    assert.equal(said.length, 3);
  });

  test('keeps a tool whose schema does not say that arguments are an object, and loses one that says otherwise', () => {
    const { kept, said } = clean(
      'tools',
      { name: 'a', inputSchema: {} },
      { name: 'b', inputSchema: { type: ['object', 'null'] } },
      { name: 'c', inputSchema: { type: 'string' } },
      { name: 'd', inputSchema: 'object' },
      { name: 'e' },
    );
    assert.deepEqual(kept, [
      { name: 'a', inputSchema },
      { name: 'b', inputSchema },
      { name: 'e', inputSchema },
    ]);
    assert.deepEqual(said, [
      'lists "a" among its tools with "inputSchema.type": expected "object", found nothing; the gateway fills it in',
      'lists "b" among its tools with "inputSchema.type": expected "object", found an array; it is read as "object"',
      'lists "c" among its tools with "inputSchema.type": expected "object", found a string; the entry is left out',
      'lists "d" among its tools with "inputSchema": expected an object, found a string; the entry is left out',
      'lists "e" among its tools with "inputSchema": expected an object, found nothing; the gateway fills it in',
    ]);
  });

  test('loses fields that say nothing without a word, and names those of another kind', () => {
    const tools = clean(
      'tools',
      {
        name: 'a',
        inputSchema: { type: 'object', properties: null, required: null },
        title: null,
        description: null,
        annotations: { title: null },
        outputSchema: null,
      },
      { name: 'b', inputSchema, description: 7, icons: {}, _meta: [] },
    );
    assert.deepEqual(tools.kept, [
      { name: 'a', inputSchema, annotations: {} },
      { name: 'b', inputSchema },
    ]);
    assert.deepEqual(tools.said, [
      'lists "b" among its tools with "description": expected a string, found a number; the field is left out',
      'lists "b" among its tools with "icons": expected an array, found an object; the field is left out',
      'lists "b" among its tools with "_meta": expected an object, found an array; the field is left out',
    ]);
    assert.deepEqual(clean('prompts', { name: 'a', arguments: null }).kept, [{ name: 'a' }]);
  });

  test('has resources named by where they are when they have no other name, which clients need', () => {
    const resources = clean('resources', { uri: 'test://a', mimeType: null }, { uri: 'test://b', name: 'b' });
    assert.deepEqual(resources.kept, [
      { uri: 'test://a', name: 'test://a' },
      { uri: 'test://b', name: 'b' },
    ]);
    const templates = clean('resourceTemplates', { uriTemplate: 'test://{x}', name: 7 });
    assert.deepEqual(templates.kept, [{ uriTemplate: 'test://{x}', name: 'test://{x}' }]);
  });

  test('keeps the rest of an entry whose nested field is odd', () => {
    const cases: [JsonObject, JsonObject][] = [
      [{ inputSchema: { type: 'object', properties: [] } }, { inputSchema }],
      [
        { inputSchema: { properties: { a: true } } },
        { inputSchema: { properties: { a: {} }, type: 'object' } },
      ],
      [
        { inputSchema, outputSchema: { properties: [] } },
        { inputSchema, outputSchema: {} },
      ],
      [
        { inputSchema, icons: [{ src: 'a', sizes: '48x48' }] },
        { inputSchema, icons: [{ src: 'a', sizes: ['48x48'] }] },
      ],
      [
        { inputSchema, annotations: { title: 7 } },
        { inputSchema, annotations: {} },
      ],
    ];
    for (const [sent, kept] of cases) {
      const list = clean('tools', { name: 'a', ...sent }, { name: 'b', inputSchema });
      assert.deepEqual(list.kept, [
        { name: 'a', ...kept },
        { name: 'b', inputSchema },
      ]);
      assert.ok(list.said.length > 0 && list.said.every((said) => said.startsWith('lists "a" among')));
    }
  });

  test('offers no schema of results that a client could not compile', () => {
    const bad = [{ type: 'bogus' }, { pattern: '(' }, { $ref: '#/no' }, { required: true }, { enum: [] }];
    for (const a of bad) {
      const tool = { name: 'a', inputSchema, outputSchema: { type: 'object', properties: { a } } };
      const { kept, said } = clean('tools', tool);
      assert.deepEqual(kept, [{ name: 'a', inputSchema }]);
      assert.match(
        said.join(),
        /"outputSchema": expected a JSON Schema that can be compiled, found a fault in/,
      );
    }
  });

  test('keeps a size that no number of JavaScript can hold', () => {
    const list = parseExactly('[{"uri":"a:b","name":"b","size":12345678901234567891}]') as JsonObject[];
    const { kept, said } = clean('resources', ...list);
    assert.equal(JSON.stringify(kept), '[{"uri":"a:b","name":"b","size":12345678901234567891}]');
    assert.deepEqual(said, []);
  });

  test('says once what many entries have in common, with the first of them by name', () => {
    const tools = Array.from({ length: 40 }, (_, index) => ({ name: `t${index}`, inputSchema, title: 7 }));
    assert.deepEqual(clean('tools', ...tools).said, [
      'lists "t0", "t1", "t2", "t3", "t4" and 35 more among its tools with "title": expected a string, found a number; the field is left out',
    ]);
  });
});
