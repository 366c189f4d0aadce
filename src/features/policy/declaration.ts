/** Authorization as the rest of the program knows it: the block `incomingAuth.authz`, and where its code is. */
import {
  choice,
  is,
  isFilled,
  list,
  notBuilt,
  openText,
  section,
  someText,
  type z,
  where,
} from '../../config/kit/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { Feature } from '../feature.ts';
import type { PolicySlots } from './cedar/engine.ts';

const schema = section({
  type: choice(['cedar', 'none']).describe(
    'What decides: policies in Cedar, or nothing, so that each caller may do everything.',
  ),
  policies: list(someText()).describe('Policies in Cedar, each one text.'),
  policyFiles: list(someText()).describe(
    'Files with policies, such as `policies/*.cedar`; a change takes effect at once.',
  ),
  entitiesJson: openText().describe("Entities in Cedar's JSON: what groups are members of, and attributes."),
  primaryUpstreamProvider: notBuilt('the authorization server that this key names a provider of is'),
  groupClaimName: openText().describe(
    'The claim with the groups of a caller; groups, roles or cognito:groups unless given.',
  ),
  roleClaimName: openText().describe('A claim with more groups: roles.'),
  groupEntityType: openText()
    .refine((name) => name === undefined || /^(?!__cedar$)[A-Za-z_][A-Za-z0-9_]*$/.test(name), {
      error: 'expected the name of an entity type in Cedar, without "::"',
    })
    .meta({ pattern: '^(?:(?!__cedar$)[A-Za-z_][A-Za-z0-9_]*)?$' })
    .describe('What policies call a group; THVGroup unless given.'),
  codeMode: choice(['flag', 'policy'])
    .prefault('flag')
    .describe(
      'What lets a caller run scripts: codeMode.enabled, or a policy that permits execute_tool_script.',
    ),
})
  .superRefine(({ type, policies, policyFiles }, context) => {
    if (type !== 'cedar' || policies.length + policyFiles.length > 0) return;
    const message =
      'the type "cedar" needs "policies" or "policyFiles"; without a policy nothing would be permitted';
    context.addIssue({ code: 'custom', message, path: [] });
  })
  .meta(where(is('type', 'cedar'), { anyOf: [isFilled('policies'), isFilled('policyFiles')] }))
  .transform(({ type, ...options }) => (type === 'none' ? undefined : options));

/** What decides what callers may do. */
export type PolicyOptions = NonNullable<z.output<typeof schema>>;

export const policyFeature = {
  key: 'authz',
  within: 'incomingAuth',
  schema,
  about: 'What callers may do.',
  optional: true,
  files: ['policyFiles'],
  metrics: {},
  isOn: (options) => options !== undefined,
  check: async (options) => (options === undefined ? [] : (await import('./index.ts')).checkOptions(options)),
  load: async () => (await import('./index.ts')).policyCode,
} as const satisfies Feature<'authz', PolicyOptions | undefined, Metrics, PolicySlots>;
