/** What `vmcp validate` says of policies, by the real engine. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkOptions } from '../index.ts';

const entities = JSON.stringify([
  { uid: { type: 'THVGroup', id: 'eng' }, attrs: {}, parents: [{ type: 'Org', id: 'all' }] },
  { uid: { type: 'Client', id: 'alice' }, attrs: { clearance: 'high' }, parents: [] },
]);

async function problemsOf(policy: string): Promise<string[]> {
  const found = await checkOptions({
    policies: [policy],
    policyFiles: [],
    entitiesJson: entities,
    primaryUpstreamProvider: undefined,
    groupClaimName: undefined,
    roleClaimName: undefined,
    groupEntityType: undefined,
    codeMode: 'flag',
  });
  return found.map(({ severity, message }) => `${severity}: ${message}`);
}

const when = (condition: string, scope = 'principal, action, resource'): string =>
  `permit(${scope}) when { ${condition} };`;

describe('a policy that is refused', () => {
  const cases: [title: string, policy: string, expected: RegExp, corrected?: string][] = [
    [
      'for an action that is a method',
      'permit(principal, action == Action::"tools/call", resource);',
      /Action::"tools\/call" does not exist; the actions are Action::"call_tool"/u,
      'permit(principal, action == Action::"call_tool", resource);',
    ],
    [
      'for an action among several',
      'permit(principal, action in [Action::"call_tool", Action::"resources/read"], resource);',
      /Action::"resources\/read" does not exist/u,
      'permit(principal, action in [Action::"call_tool", Action::"read_resource"], resource);',
    ],
    [
      'for an action of lists',
      'permit(principal, action == Action::"list_tools", resource);',
      /lists show what may be called/u,
      'permit(principal, action == Action::"call_tool", resource);',
    ],
    [
      'for an action that nothing is like',
      'permit(principal, action == Action::"fly", resource);',
      /Action::"fly" does not exist/u,
    ],
    [
      'for a type of entities',
      'permit(principal in THVGruop::"eng", action, resource);',
      /type THVGruop\. Did you mean "THVGroup"/u,
    ],
    [
      'for an attribute without its prefix',
      when('principal.email == "x"'),
      /principal\.email does not exist; principal has claim_NAME/u,
      when('principal.claim_email == "x"'),
    ],
    [
      'for an attribute that no resource has',
      when('resource.readonlyHint'),
      /resource\.readonlyHint does not exist/u,
      when('resource.readOnlyHint'),
    ],
    [
      'for a whole number where a decimal is',
      when('context.arg_n > 3 && resource.arg_n_max < 2'),
      /context\.arg_n is a decimal/u,
      when('context.arg_n_long > 3 && resource.arg_n_max < 2'),
    ],
    [
      'for a type that an attribute does not have',
      when('principal.claim_a == "x" && principal.claim_a.contains("y")'),
      /expected|unexpected type/u,
    ],
    ['for what is no policy', 'permit(principal, resource);', /policy scope|unexpected|action/u],
    ['for a template', 'permit(principal == ?principal, action, resource);', /template/u],
  ];
  for (const [title, policy, expected, corrected] of cases) {
    test(`${title} is told so${corrected === undefined ? '' : ', with the corrected policy'}`, async () => {
      const problems = await problemsOf(policy);
      assert.ok(
        problems.some((each) => each.startsWith('error: ') && expected.test(each)),
        problems.join('\n'),
      );
      if (corrected !== undefined)
        assert.ok(
          problems.some((each) => each.includes(`Corrected:\n${corrected}`)),
          problems.join('\n'),
        );
    });
  }
});

describe('a policy that is taken', () => {
  const sound = [
    'permit(principal, action, resource);',
    'permit(principal == Client::"alice", action == Action::"call_tool", resource == Tool::"a");',
    'permit(principal in Org::"all", action, resource in Backend::"one");',
    'permit(principal is ApiKey, action, resource is Tool in MCP::"desk");',
    when('principal.claim_roles.contains("admin") && principal.claim_level.greaterThan(decimal("1.5"))'),
    when('context.arg_n_long > 3 || (resource has arg_b && resource.arg_b)'),
    when('principal.clearance == "high"'),
    when('principal.claim_org.team == "x"'),
    when('["a", "b"].contains(context.claim_sub)'),
    'forbid(principal, action, resource) when { resource has destructiveHint && resource.destructiveHint };',
  ];
  for (const policy of sound) {
    test(policy, async () => assert.deepEqual(await problemsOf(policy), []));
  }
});

describe('a warning', () => {
  test('tells of a forbid that denies for want of an attribute', async () => {
    const [problem = ''] = await problemsOf(
      'forbid(principal, action, resource) when { resource.destructiveHint };',
    );
    assert.match(problem, /^warning: .*denies every request without resource\.destructiveHint/u);
  });

  test('tells of a policy that can never apply', async () => {
    const problems = await problemsOf(
      'permit(principal, action == Action::"get_prompt", resource == Tool::"x");',
    );
    assert.ok(
      problems.some((each) => /^warning: .*impossible/u.test(each)),
      problems.join('\n'),
    );
  });
});
