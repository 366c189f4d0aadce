import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../protocol/index.ts';
import { missingCapability } from './client-capabilities.ts';

describe('what a client must have declared to be asked', () => {
  const form = { elicitation: { form: {} } };
  const url = { elicitation: { url: {} } };
  const cases: [declared: JsonObject, method: string, params: JsonObject, missing: JsonObject | undefined][] =
    [
      [{}, 'elicitation/create', {}, form],
      [{ elicitation: {} }, 'elicitation/create', {}, undefined],
      [{ elicitation: {} }, 'elicitation/create', { mode: 'form' }, undefined],
      [{ elicitation: {} }, 'elicitation/create', { mode: 'url' }, url],
      [{ elicitation: { url: {} } }, 'elicitation/create', { mode: 'url' }, undefined],
      [{ elicitation: { url: {} } }, 'elicitation/create', {}, form],
      [{ elicitation: { form: {}, url: {} } }, 'elicitation/create', {}, undefined],
      [{}, 'sampling/createMessage', {}, { sampling: {} }],
      [{ sampling: {} }, 'sampling/createMessage', {}, undefined],
      [{ sampling: {} }, 'sampling/createMessage', { tools: [] }, { sampling: { tools: {} } }],
      [{ sampling: { tools: {} } }, 'sampling/createMessage', { tools: [] }, undefined],
      [{}, 'roots/list', {}, { roots: {} }],
      [{ roots: { listChanged: true } }, 'roots/list', {}, undefined],
      [{}, 'tasks/get', {}, { tasks: {} }],
      [{ tasks: {} }, 'tasks/get', {}, undefined],
      [{}, 'future/ask', {}, undefined],
    ];
  for (const [declared, method, params, missing] of cases) {
    const verdict = missing === undefined ? 'may be asked' : 'lacks something';
    test(`${JSON.stringify(declared)} ${verdict} for ${method} ${JSON.stringify(params)}`, () => {
      assert.deepEqual(missingCapability(declared, method, params), missing);
    });
  }
});
