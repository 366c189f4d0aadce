import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Listing } from './backend.ts';
import { cleanList } from './catalogue.ts';
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
    );
    assert.deepEqual(kept, [
      { name: 'a', inputSchema },
      { name: 'b', inputSchema },
    ]);
    assert.equal(said.length, 2);
  });

  test('loses fields that say nothing or are of another kind, which clients may refuse the whole list for', () => {
    const tools = clean(
      'tools',
      { name: 'a', inputSchema, title: null, description: null, annotations: null, outputSchema: null },
      { name: 'b', inputSchema, description: 7, icons: {}, _meta: [] },
    );
    assert.deepEqual(tools.kept, [
      { name: 'a', inputSchema },
      { name: 'b', inputSchema },
    ]);
    assert.deepEqual(tools.said, [
      'lists "b" among its tools with a "description" that is no string; that field is left out',
      'lists "b" among its tools with "icons" that are no array; that field is left out',
      'lists "b" among its tools with a "_meta" that is no object; that field is left out',
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
});
