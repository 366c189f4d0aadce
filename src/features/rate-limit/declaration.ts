/** Rate limits as the rest of the program knows them: the block `rateLimiting`, its metrics, and where its code is. */
import {
  choice,
  list,
  refillPeriod,
  says,
  section,
  someText,
  wholeNumber,
  type z,
} from '../../config/kit/index.ts';
import type { BucketStore } from '../../storage/index.ts';
import type { Feature } from '../feature.ts';
import { rateLimitMetrics } from './metrics.ts';

const bucket = section({
  maxTokens: wholeNumber(1).describe('Most calls at once: what a full bucket holds.'),
  refillPeriod: refillPeriod().describe('How long an empty bucket takes to fill, such as "1m".'),
});

const scriptTool = 'execute_tool_script';

const block = section({
  shared: bucket.optional().describe('Calls of all callers together.'),
  perUser: bucket.optional().describe('Calls of each caller.'),
  tools: list(
    section({
      name: someText()
        .refine((name) => name !== scriptTool, {
          error: `${scriptTool} takes no token itself; expected the name of a tool that scripts call`,
        })
        .meta({ not: { const: scriptTool } })
        .describe('The tool, by the name that clients see.'),
      shared: bucket.optional().describe('Its calls by all callers together.'),
      perUser: bucket.optional().describe('Its calls by each caller.'),
    }).meta({ anyOf: [says('shared'), says('perUser')] }),
  )
    .superRefine((tools, context) => {
      for (const [index, { name, shared, perUser }] of tools.entries()) {
        const fault = (message: string): void => context.addIssue({ code: 'custom', message, path: [index] });
        if (shared === undefined && perUser === undefined) fault('expected "shared" or "perUser"');
        if (tools.findIndex((other) => other.name === name) < index)
          fault(`"${name}" has limits already; expected each tool once`);
      }
    })
    .describe('Limits of single tools, beside those of all.'),
  scripts: choice(['fail', 'wait'])
    .prefault('fail')
    .describe('What becomes of a limited call of a script: it fails, or waits up to toolCallTimeout.'),
});

export type RateLimitOptions = z.output<typeof block>;
export type BucketOptions = z.output<typeof bucket>;

export const rateLimitFeature: Feature<
  'rateLimiting',
  RateLimitOptions,
  typeof rateLimitMetrics,
  BucketStore
> = {
  key: 'rateLimiting',
  schema: block,
  about: 'How often tools may be called.',
  metrics: rateLimitMetrics,
  isOn: ({ shared, perUser, tools }) => shared !== undefined || perUser !== undefined || tools.length > 0,
  load: async () => (await import('./index.ts')).rateLimitCode,
};
