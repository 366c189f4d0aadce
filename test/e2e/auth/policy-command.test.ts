/** `vmcp policy` and `vmcp validate` over policies, as people run them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';
import { realBackends } from '../../support/real-backends.ts';
import { cliFile } from '../../support/vmcp.ts';

let folder: string;

const yaml = `name: desk
backends:
  - ${JSON.stringify(realBackends().memory)}
incomingAuth:
  type: apiKeys
  apiKeys: [{name: ci, sha256: ${apiKeyDigest(createApiKey()).toString('hex')}, groups: [ops]}]
  authz:
    type: cedar
    policyFiles: [rules.cedar]
    policies:
      - permit(principal in THVGroup::"eng", action, resource in Backend::"memory");
      - permit(principal, action, resource) when { principal has claim_tier && principal.claim_tier == "gold" && context has arg_query && context.arg_query like "a*" };
`;

const rules = `// Those who clean up may not read.
@id("no ops") forbid(principal in THVGroup::"ops", action, resource);

permit(principal == Client::"root", action, resource);
`;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmcp-policy-'));
  writeFileSync(join(folder, 'vmcp.yaml'), yaml);
  writeFileSync(join(folder, 'rules.cedar'), rules);
});
after(() => rmSync(folder, { recursive: true }));

interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function vmcp(...args: string[]): Promise<Done> {
  const child = spawn(process.execPath, [cliFile, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

const tool = 'memory_search_nodes';
const explain = (principal: object, ...more: string[]): Promise<Done> =>
  vmcp('policy', 'explain', '--principal', JSON.stringify(principal), '--tool', tool, ...more);

describe('vmcp policy explain', () => {
  test('names the policies that permit, with file and line', async () => {
    const { code, out } = await explain({ sub: 'alice', groups: ['eng'] });
    assert.deepEqual([code, out], [0, `permitted: ${tool}\n  permitted by policy0 (vmcp.yaml:11)\n`]);
    const root = await explain({ sub: 'root' });
    assert.match(root.out, /^permitted: .*\n  permitted by rules\.cedar:4 \(\/.*\/rules\.cedar:4\)\n$/u);
  });

  test('names the policy that forbids', async () => {
    const { code, out } = await explain({ apiKey: 'ci' });
    assert.equal(code, 1);
    assert.match(out, /^denied: .*\n  forbidden by no ops \(\/.*\/rules\.cedar:2\)\n$/u);
  });

  test('says what would have to be different', async () => {
    const { code, out } = await explain({ sub: 'bob' });
    assert.equal(code, 1);
    assert.match(out, /no policy permits it/u);
    assert.match(out, /it would be permitted if groups contained "eng"\n/u);
    assert.match(out, /it would be permitted if the caller were Client::"root"\n/u);
    assert.match(out, /it would be permitted if the claim tier were "gold", and the arguments fitted\n/u);
    const gold = await explain({ sub: 'bob', tier: 'gold' }, '--args', '{"query": "b"}');
    assert.match(gold.out, /with other arguments it may be permitted/u);
    assert.match(gold.out, /it would be permitted if the argument query were "a\*"\n/u);
    assert.equal((await explain({ sub: 'bob', tier: 'gold' }, '--args', '{"query": "ab"}')).code, 0);
  });

  test('answers in JSON, and says in words what is wrong with the question', async () => {
    const { out } = await explain({ sub: 'alice', groups: ['eng'] }, '--json');
    assert.deepEqual(JSON.parse(out), {
      allowed: true,
      isKnown: true,
      shown: true,
      deciding: [{ id: 'policy0', at: 'vmcp.yaml:11' }],
      failed: [],
      nearMisses: [],
    });
    const misspelt = await explain({ apiKey: 'cii' });
    assert.equal(misspelt.code, 1);
    assert.match(misspelt.err, /no API key is called "cii"\. Did you mean "ci"\?/u);
    assert.match((await vmcp('policy', 'explian')).err, /expected "explain" or "table", found "explian"/u);
    assert.match((await vmcp('policy', 'explain', '--tool', tool)).err, /explain needs one --principal/u);
    const unknown = await vmcp('policy', 'explain', '--principal', '{"sub":"root"}', '--tool', 'none');
    assert.deepEqual(
      [unknown.code, unknown.out.split('\n')[0]],
      [1, 'denied: no backend has a tool "none" now'],
    );
  });
});

describe('vmcp policy table', () => {
  test('lists tools by groups and keys', async () => {
    const { out } = await vmcp('policy', 'table');
    assert.match(out, /^ +anyone +eng +ops +key ci\n/u);
    assert.match(out, /\nmemory_search_nodes +no +yes +no +no\n/u);
  });

  test('lists tools by the callers that are asked for, as CSV', async () => {
    const callers = [{ sub: 'root' }, { sub: '=x', tier: 'gold' }].flatMap((each) => [
      '--principal',
      JSON.stringify(each),
    ]);
    const { out } = await vmcp('policy', 'table', '--csv', ...callers);
    assert.ok(out.startsWith("tool,root,'=x\n"), out);
    assert.ok(out.includes('\nmemory_search_nodes,yes,arguments\n'), out);
  });
});

test('vmcp validate tells of a policy that cannot apply, where it stands, and how it could be', async () => {
  writeFileSync(
    join(folder, 'wrong.yaml'),
    yaml.replace('action, resource in', 'action == Action::"tools/call", resource in'),
  );
  const { code, err } = await vmcp('validate', 'wrong.yaml');
  assert.equal(code, 1);
  assert.match(
    err,
    /^wrong\.yaml:11:9: incomingAuth\.authz\.policies\[0\]: policy0: Action::"tools\/call" does not exist/u,
  );
  assert.match(
    err,
    /Corrected:\npermit\(principal in THVGroup::"eng", action == Action::"call_tool", resource in Backend::"memory"\);/u,
  );
  assert.equal((await vmcp('validate')).code, 0);
});
