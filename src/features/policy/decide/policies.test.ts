/** Decisions by the real engine: ToolHive's model, its traps mended, and what callers may try. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Principal } from '../../../gateway/index.ts';
import { parseExactly } from '../../../lib/exact-json.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { PolicySlots } from '../cedar/engine.ts';
import type { Target } from '../model/subject.ts';
import { loadPolicies } from './load.ts';
import type { Decision, PolicySet } from './policies.ts';

const slots = new PolicySlots();
before(() => slots.engine());

interface Setting {
  readonly entities?: readonly object[];
  readonly groupClaimName?: string;
  readonly roleClaimName?: string;
  readonly groupEntityType?: string;
}

function load(texts: readonly string[], { entities, ...rest }: Setting = {}): Promise<PolicySet> {
  const sources = texts.map((text, index) => ({ at: { index }, text }));
  const options = {
    policies: [...texts],
    policyFiles: [],
    entitiesJson: JSON.stringify(entities ?? []),
    primaryUpstreamProvider: undefined,
    groupClaimName: undefined,
    roleClaimName: undefined,
    groupEntityType: undefined,
    codeMode: 'flag' as const,
    ...rest,
  };
  return loadPolicies(sources, options, { slots, serverName: 'desk' });
}

const alice: Principal = {
  issuer: 'https://id.example',
  subject: 'alice',
  claims: { sub: 'alice', email: 'alice@example.com', groups: ['eng'], level: 3, realm: { roles: ['lead'] } },
  groups: ['eng'],
  scopes: [],
};

const tool = (name: string, more: Partial<Target> = {}): Target => ({
  kind: 'tool',
  name,
  backend: 'one',
  ...more,
});

async function decide(
  texts: readonly string[],
  ask: {
    readonly who?: Principal;
    readonly what?: Target;
    readonly args?: JsonObject;
    readonly setting?: Setting;
  },
): Promise<Decision> {
  const { who = alice, what = tool('one_ok'), args = {}, setting } = ask;
  const policies = await load(texts, setting);
  const decision = policies.decide(policies.subjectOf(who), what, args);
  policies.close();
  return decision;
}

const when = (condition: string): string => `permit(principal, action, resource) when { ${condition} };`;

describe("ToolHive's model:", () => {
  const permitted: [title: string, policy: string, setting?: Setting][] = [
    ['a principal is a Client by its subject', 'permit(principal == Client::"alice", action, resource);'],
    ['claims are attributes of the principal', when('principal.claim_email == "alice@example.com"')],
    ['claims are in the context', when('context.claim_email like "*@example.com"')],
    ['groups are parents of the principal', 'permit(principal in THVGroup::"eng", action, resource);'],
    [
      'a group has the type that the file gives',
      'permit(principal in Team::"eng", action, resource);',
      { groupEntityType: 'Team' },
    ],
    [
      'a path with dots leads to a claim',
      'permit(principal in THVGroup::"lead", action, resource);',
      { groupClaimName: 'realm.roles' },
    ],
    [
      'roles are groups, too',
      'permit(principal in THVGroup::"lead", action, resource);',
      { roleClaimName: 'realm.roles' },
    ],
    ['a claim with numbers is a decimal', when('principal.claim_level.greaterThan(decimal("2.5"))')],
    ['a claim with a whole number is a Long beside it', when('principal.claim_level_long >= 3')],
    ['a claim with a list is a set', when('principal.claim_groups.contains("eng")')],
    ['a claim with an object is a record', when('principal.claim_realm.roles.contains("lead")')],
    [
      'a tool is a Tool by the name that clients see',
      'permit(principal, action == Action::"call_tool", resource == Tool::"one_ok");',
    ],
    [
      'a tool has the attributes name, operation and feature',
      when('resource.name == "one_ok" && resource.operation == "call" && resource.feature == "tool"'),
    ],
    ['a tool belongs to the server', 'permit(principal, action, resource in MCP::"desk");'],
    ['a tool belongs to its backend', 'permit(principal, action, resource in Backend::"one");'],
    [
      'a group of the file has parents of its own',
      'permit(principal in Org::"all", action, resource);',
      {
        entities: [
          { uid: { type: 'THVGroup', id: 'eng' }, attrs: {}, parents: [{ type: 'Org', id: 'all' }] },
        ],
      },
    ],
  ];
  for (const [title, policy, setting] of permitted) {
    test(title, async () => {
      const { allowed, reasons, errors } = await decide([policy], setting === undefined ? {} : { setting });
      assert.deepEqual([allowed, reasons, [...errors]], [true, ['policy0'], []]);
    });
  }

  test('hints of a tool are attributes where they are set', async () => {
    const what = tool('one_ok', { entry: { annotations: { readOnlyHint: true, title: 'x' } } });
    assert.equal((await decide([when('resource.readOnlyHint')], { what })).allowed, true);
    assert.equal((await decide([when('resource has readOnlyHint')], {})).allowed, false);
    assert.equal((await decide([when('resource has title')], { what })).allowed, false);
  });

  test('a prompt and a resource have types and actions of their own', async () => {
    const prompt: Target = { kind: 'prompt', name: 'hello', backend: 'one' };
    const resource: Target = { kind: 'resource', name: 'file:///a b', backend: 'one' };
    const policy = 'permit(principal, action == Action::"get_prompt", resource == Prompt::"hello");';
    assert.equal((await decide([policy], { what: prompt })).allowed, true);
    const read =
      'permit(principal, action == Action::"read_resource", resource == Resource::"file:///a b") when { resource.uri like "file:*" };';
    assert.equal((await decide([read], { what: resource })).allowed, true);
    assert.equal((await decide([read], {})).allowed, false);
  });

  test('a holder of an API key is no Client of the same name', async () => {
    const key: Principal = { ...alice, issuer: 'vmcp:apiKeys', claims: {} };
    assert.equal(
      (await decide(['permit(principal == Client::"alice", action, resource);'], { who: key })).allowed,
      false,
    );
    assert.equal(
      (await decide(['permit(principal == ApiKey::"alice", action, resource);'], { who: key })).allowed,
      true,
    );
    assert.equal(
      (await decide(['permit(principal in THVGroup::"eng", action, resource);'], { who: key })).allowed,
      true,
    );
  });

  test('arguments are decimals, texts and truth values, and Longs beside whole numbers; all else is present', async () => {
    const args = { n: 5, half: 0.5, s: 'x', b: true, list: [1], none: null };
    for (const condition of [
      'context.arg_n == decimal("5.0")',
      'resource.arg_n_long > 3',
      'context.arg_half.lessThan(decimal("1.0"))',
      'resource.arg_s == "x" && context.arg_b',
      'context.arg_list_present && context.arg_none_present && !(context has arg_list)',
      '!(context has arg_half_long)',
    ]) {
      assert.equal((await decide([when(condition)], { args })).allowed, true, condition);
    }
  });
});

describe('a policy that cannot be evaluated', () => {
  test('denies where it forbids, whatever another permits, and is told by its id', async () => {
    const all = 'permit(principal, action, resource);';
    const { allowed, reasons, errors } = await decide(
      [all, '@id("no delete") forbid(principal, action, resource) when { context.arg_path like "/etc*" };'],
      {},
    );
    assert.deepEqual([allowed, reasons, [...errors.keys()]], [false, ['no delete'], ['no delete']]);
  });

  test('permits nothing where it permits, and takes nothing from another', async () => {
    const broken = when('context.arg_n > 3');
    const { allowed, errors } = await decide([broken], { args: { n: 5 } });
    assert.deepEqual([allowed, [...errors.keys()]], [false, ['policy0']]);
    const all = 'permit(principal, action, resource);';
    assert.equal((await decide([broken, all], { args: { n: 5 } })).allowed, true);
  });
});

describe('what a caller sends', () => {
  const admins = 'permit(principal, action, resource) when { principal.claim_boss in THVGroup::"admins" };';

  test('is no entity, whatever it is named', async () => {
    const who = { ...alice, claims: { boss: { __entity: { type: 'THVGroup', id: 'admins' } } } };
    const { allowed, errors } = await decide([admins], { who });
    assert.deepEqual([allowed, errors.size], [false, 1]);
    const nested = { ...alice, claims: { boss: [{ __entity: { type: 'THVGroup', id: 'admins' } }] } };
    assert.equal(
      (await decide([when('principal.claim_boss.contains(THVGroup::"admins")')], { who: nested })).allowed,
      false,
    );
  });

  test('is no call of an extension, and does not make a question fail', async () => {
    for (const value of [
      { __extn: { fn: 'ip', arg: '10.0.0.1' } },
      { __extn: 1 },
      { __expr: 'true' },
      { __entity: 5 },
    ]) {
      const who = { ...alice, claims: { ip: value, sub: 'alice' } };
      const policy = 'permit(principal, action, resource) when { principal.claim_ip.isLoopback() };';
      assert.equal((await decide([policy, when('principal.claim_sub == "alice"')], { who })).allowed, true);
      assert.equal((await decide([policy], { who })).allowed, false);
    }
  });

  test('has names of attributes that mean nothing to JavaScript either', async () => {
    const args = JSON.parse(
      '{"__proto__": "x", "constructor": "y", "__entity": {"type": "A", "id": "b"}}',
    ) as JsonObject;
    assert.equal(
      (await decide([when('context.arg___proto__ == "x" && context.arg_constructor == "y"')], { args }))
        .allowed,
      true,
    );
  });

  test('keeps to a limit, however large the number or however it is written', async () => {
    const policies = [
      'permit(principal, action, resource);',
      'forbid(principal, action, resource) when { context has arg_n && context.arg_n.greaterThan(decimal("100.0")) };',
      'forbid(principal, action, resource) when { context has arg_n_long && context.arg_n_long > 100 };',
    ];
    assert.equal((await decide(policies, { args: { n: 100 } })).allowed, true);
    for (const written of ['101', '100.001', '1e300', '99999999999999999999', '9007199254740993']) {
      const args = parseExactly(`{"n": ${written}}`) as JsonObject;
      assert.equal((await decide(policies, { args })).allowed, false, written);
    }
  });

  test('does not stand in for what is derived of another argument', async () => {
    const policies = [
      'permit(principal, action, resource);',
      'forbid(principal, action, resource) when { context has arg_n_long && context.arg_n_long > 100 };',
    ];
    assert.equal((await decide(policies, { args: { n: 101, n_long: 'x' } })).allowed, false);
    assert.equal((await decide(policies, { args: { n: 101, n_long: 1 } })).allowed, false);
    const present = [
      'permit(principal, action, resource);',
      'forbid(principal, action, resource) when { context has arg_o_present && context.arg_o_present };',
    ];
    assert.equal((await decide(present, { args: { o: {}, o_present: false } })).allowed, false);
  });

  test('does not beat an attribute of the file, and parents unite', async () => {
    const setting = {
      entities: [
        {
          uid: { type: 'Client', id: 'alice' },
          attrs: { claim_email: 'file@example.com' },
          parents: [{ type: 'THVGroup', id: 'ops' }],
        },
        {
          uid: { type: 'Tool', id: 'one_ok' },
          attrs: { arg_path: '/safe', readOnlyHint: false },
          parents: [{ type: 'Zone', id: 'red' }],
        },
      ],
    };
    const what = tool('one_ok', { entry: { annotations: { readOnlyHint: true } } });
    const ask = { setting, what, args: { path: '/etc' } };
    for (const condition of [
      'principal.claim_email == "file@example.com"',
      'principal in THVGroup::"ops" && principal in THVGroup::"eng"',
      'resource.arg_path == "/safe" && !resource.readOnlyHint',
      'resource in Zone::"red" && resource in Backend::"one"',
    ]) {
      assert.equal((await decide([when(condition)], ask)).allowed, true, condition);
    }
  });

  test('of 64 KB of claims costs no more than the claims that policies read', async () => {
    const claims = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`c${index}`, 'x'.repeat(32)]),
    );
    const policies = await load([when('principal.claim_c7 like "x*"')]);
    const subject = policies.subjectOf({ ...alice, claims });
    assert.deepEqual(Object.keys(subject.claims), ['claim_c7']);
    assert.equal(policies.decide(subject, tool('one_ok'), {}).allowed, true);
    policies.close();
  });
});

describe('lists', () => {
  const shown: [title: string, policies: string[], expected: boolean][] = [
    ['a permit for some arguments', [when('context.arg_path like "/tmp*"')], true],
    [
      'a permit for some arguments of another caller',
      [when('principal.claim_email == "bob" && context.arg_path like "/tmp*"')],
      false,
    ],
    [
      'a permit unless an argument is there',
      ['permit(principal, action, resource) unless { resource has arg_force };'],
      true,
    ],
    [
      'a forbid for some arguments',
      [when('true'), 'forbid(principal, action, resource) when { context has arg_force };'],
      true,
    ],
    [
      'a forbid whatever the arguments',
      [
        when('true'),
        'forbid(principal, action, resource) when { principal.claim_level_long < 5 || context has arg_force };',
      ],
      false,
    ],
    [
      'a forbid that cannot be evaluated',
      [when('true'), 'forbid(principal, action, resource) when { resource.destructiveHint };'],
      false,
    ],
    ['a choice by an argument', [when('if context has arg_a then context.arg_a == "x" else false')], true],
    ['the context as a whole', [when('context == {arg_a: "x"}')], true],
  ];
  for (const [title, texts, expected] of shown) {
    test(`${expected ? 'show' : 'hide'} a tool under ${title}`, async () => {
      const policies = await load(texts);
      assert.equal(policies.decideForList(policies.subjectOf(alice), tool('one_ok')).allowed, expected);
      policies.close();
    });
  }
});
