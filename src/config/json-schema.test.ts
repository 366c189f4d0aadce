import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { configReader } from '../server/config.ts';

const published = new URL('../../schema/vmcp.schema.json', import.meta.url);

test('the published JSON Schema is the one that the source makes (npm run schema writes it)', async () => {
  assert.deepEqual(
    JSON.parse(await readFile(published, 'utf8')),
    JSON.parse(JSON.stringify(configReader.toJsonSchema())),
  );
});

test('the JSON Schema offers the keys that work, with their words and defaults, and no others', () => {
  const schema = JSON.parse(JSON.stringify(configReader.toJsonSchema()));
  assert.deepEqual([schema.required, schema.else.required], [['name'], ['backends']]);
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.properties.codeMode.properties.stepLimit.default, 100_000);
  assert.equal(schema.properties.codeMode.properties.scriptTimeout.default, '50s');
  assert.deepEqual(schema.properties.aggregation.properties.conflictResolution.anyOf[0].enum, [
    'prefix',
    'priority',
    'manual',
  ]);
  for (const refused of ['optimizer', 'compositeTools', 'compositeToolRefs']) {
    assert.equal(schema.properties[refused], undefined, refused);
  }
  const [stdio, http] = schema.properties.backends.items.allOf.map(({ then }: { then: unknown }) => then);
  assert.ok(stdio.properties.command && !stdio.properties.url);
  assert.ok(http.properties.url && !http.properties.command);
});
