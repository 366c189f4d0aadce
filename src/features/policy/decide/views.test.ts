import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Principal } from '../../../gateway/index.ts';
import { PolicySlots } from '../cedar/engine.ts';
import { loadPolicies } from './load.ts';
import type { Target } from '../model/subject.ts';
import { Views } from './views.ts';

const slots = new PolicySlots();

const alice: Principal = {
  issuer: 'https://id.example',
  subject: 'alice',
  claims: { sub: 'alice', tier: 'gold' },
  groups: ['eng'],
  scopes: [],
};

const texts = [
  'permit(principal in THVGroup::"eng", action, resource in Backend::"one") when { resource has readOnlyHint && resource.readOnlyHint };',
  'permit(principal, action, resource) when { principal.claim_tier == "gold" && context.arg_path like "/tmp/*" };',
  'forbid(principal, action, resource) when { resource.name like "*7" };',
];

async function load(): Promise<Views> {
  const sources = texts.map((text, index) => ({ at: { index }, text }));
  const policies = await loadPolicies(
    sources,
    {
      policies: texts,
      policyFiles: [],
      entitiesJson: undefined,
      primaryUpstreamProvider: undefined,
      groupClaimName: undefined,
      roleClaimName: undefined,
      groupEntityType: undefined,
      codeMode: 'flag',
    },
    { slots, serverName: 'desk' },
  );
  return new Views(policies);
}

const tools = Array.from({ length: 1000 }, (_, index) => ({
  name: `one_tool_${index}`,
  inputSchema: {},
  annotations: { readOnlyHint: index % 2 === 0 },
}));
const targetOf = (entry: (typeof tools)[number]): Target => ({
  kind: 'tool',
  name: entry.name,
  backend: 'one',
  entry,
});

describe('a list of 1,000 tools', () => {
  test('is filtered in under 5 ms once it was, also with a renewed token, and the same list gives the same array', async () => {
    const views = await load();
    const shown = await views.filter(alice, tools, targetOf);
    assert.equal(shown.length, 900);
    const renewed = { ...alice, claims: { ...alice.claims, iat: 1, jti: 'other' } };
    // The best of several: the machine may be busy with other things.
    let bestMs = Infinity;
    let again: unknown;
    for (let round = 0; round < 10; round++) {
      const startedMs = performance.now();
      again = await views.filter({ ...renewed }, tools, targetOf);
      bestMs = Math.min(bestMs, performance.now() - startedMs);
    }
    assert.ok(bestMs < 5, `${bestMs} ms`);
    assert.equal(again, shown);
  });

  test('that differs in one entry costs one decision', async () => {
    const views = await load();
    await views.filter(alice, tools, targetOf);
    const longer = [...tools, { ...tools[0]!, name: 'one_more' }];
    const startedMs = performance.now();
    assert.equal((await views.filter(alice, longer, targetOf)).length, 901);
    assert.ok(performance.now() - startedMs < 50);
  });

  test('holds the event loop for pieces, not for the whole', async () => {
    const views = await load();
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const startedMs = performance.now();
    await views.filter({ ...alice, subject: 'bob' }, tools, targetOf);
    const tookMs = performance.now() - startedMs;
    isDone = true;
    assert.ok(turns >= Math.floor(tookMs / 20), `${turns} turns in ${tookMs} ms`);
  });
});
