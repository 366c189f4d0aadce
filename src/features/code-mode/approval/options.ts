/** The block `codeMode.approval`: which calls a person is asked about. */
import {
  choice,
  duration,
  either,
  flag,
  list,
  section,
  someText,
  type z,
} from '../../../config/kit/index.ts';

const actions = ['allow', 'ask', 'deny'] as const;
export type Action = (typeof actions)[number];

const rules = section({
  default: choice(actions).prefault('allow').describe('What becomes of calls that no rule is about.'),
  rules: list(
    section({
      tools: someText().describe('The name of a tool, or a glob.'),
      action: choice(actions).describe('`allow`, `ask` a person, or `deny`.'),
    }),
  ).describe('The first rule whose `tools` fit decides.'),
  directCalls: flag(false).describe('Holds for calls that clients make themselves, too.'),
  timeout: duration({ fallback: '5m', atLeast: '1s' }).describe(
    'How long a person has to answer; then it is no.',
  ),
});

export const approval = either(choice(['never', 'destructive']), rules)
  .prefault('never')
  .describe('Which calls of scripts wait for a yes: `never`, `destructive`, or rules.');

export type ApprovalOptions = z.output<typeof approval>;
