import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BackendPresentation, ToolOrigin } from '../../../gateway/index.ts';
import { Catalogs } from '../shared/catalog.ts';
import { Descriptions, SourceReader } from './descriptions.ts';
import { defaultLimits } from '../defaults.ts';

const forge: BackendPresentation = { name: 'forge', description: 'Issues and code. Ask for a token first.' };

function readerOf(state: {
  origins: readonly ToolOrigin[];
  presentations: readonly BackendPresentation[];
}): SourceReader {
  return new SourceReader({
    toolOrigins: () => state.origins,
    presentations: () => state.presentations,
  });
}

describe('what is known of backends', () => {
  const origins: ToolOrigin[] = [
    { backend: 'forge', ownName: 'list', shownAs: 'forge_list' },
    { backend: 'forge', ownName: 'hidden', hidden: 'filtered' },
  ];

  test('says whose a tool is that clients see', () => {
    const sources = readerOf({ origins, presentations: [forge] }).read();
    assert.equal(sources.backendOf('forge_list'), 'forge');
    assert.equal(sources.backendOf('hidden'), undefined);
  });

  const purposes: readonly (readonly [title: string, said: object, purpose: string])[] = [
    ['its description', { description: 'Issues and code. More.', title: 'Forge' }, 'Issues and code.'],
    ['its title', { title: 'The forge' }, 'The forge'],
    ['how its instructions begin', { instructions: '# Use\n\nList first. Then get.' }, 'List first.'],
    ['both', { title: 'The forge', instructions: 'List first. Then get.' }, 'The forge: List first.'],
    ['nothing', {}, ''],
  ];
  for (const [title, said, purpose] of purposes)
    test(`takes for what a backend is for ${title}`, () => {
      const sources = readerOf({ origins, presentations: [{ name: 'forge', ...said }] }).read();
      assert.equal(sources.purposeOf('forge'), purpose);
    });

  test('is the same until something else is said', () => {
    const state = { origins, presentations: [forge] };
    const reader = readerOf(state);
    const first = reader.read();
    state.origins = [...origins];
    assert.equal(reader.read(), first);
    state.origins = [...origins];
    state.presentations = [{ name: 'forge', description: 'Issues alone.' }];
    assert.notEqual(reader.read(), first);
    assert.equal(reader.read().purposeOf('forge'), 'Issues alone.');
  });

  test('is nothing where no backends are given', () => {
    const sources = new SourceReader(undefined).read();
    assert.equal(sources.backendOf('forge_list'), undefined);
    assert.equal(sources.purposeOf('forge'), undefined);
  });
});

test('a description is made anew when a backend says something else of itself', () => {
  const names = Array.from({ length: 900 }, (_, at) => `forge_list_issue_number_${at}`);
  const catalog = new Catalogs().of(names.map((name) => ({ name, inputSchema: {} })));
  const state = {
    origins: names.map((name): ToolOrigin => ({ backend: 'forge', ownName: name, shownAs: name })),
    presentations: [forge],
  };
  const reader = readerOf(state);
  const descriptions = new Descriptions({ ...defaultLimits, maxDescriptionBytes: 8000 });
  const first = descriptions.of(catalog, reader.read());
  assert.match(first, /^forge_\* \(900: issue, list, number\)  # Issues and code\.$/mu);
  state.origins = [...state.origins];
  state.presentations = [{ name: 'forge', description: 'Issues alone.' }];
  assert.match(descriptions.of(catalog, reader.read()), /^forge_\* .*  # Issues alone\.$/mu);
});
