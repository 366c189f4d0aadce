import { z } from 'zod';
import type { AggregationConfig } from './config.ts';
import { is, isFilled, says, where } from '../kit/editor-rules.ts';
import { choice, choiceOr, compact, flag, notBuilt, section, someText } from '../kit/parts.ts';

const annotations = section({
  title: z.string().optional().describe('Name for people.'),
  readOnlyHint: z.boolean().optional().describe('The tool changes nothing.'),
  destructiveHint: z.boolean().optional().describe('The tool may destroy something.'),
  idempotentHint: z.boolean().optional().describe('A second call with the same arguments changes nothing more.'),
  openWorldHint: z.boolean().optional().describe('The tool reaches beyond its own data, such as the web.'),
}).transform(compact);

const override = section({
  name: z.string().optional().describe('New name of the tool, before any prefix.'),
  description: z.string().optional().describe('New description.'),
  annotations: annotations.optional().describe('Annotations to set; those not named stay.'),
})
  .transform((written) =>
    compact({
      // ToolHive reads an empty text as "not overridden".
      name: written.name || undefined,
      description: written.description || undefined,
      annotations: written.annotations,
    }),
  )
  .refine((it) => Object.keys(it).length > 0, {
    error: 'expected at least one of name, description and annotations, found none of them',
  })
  .meta({ anyOf: [isFilled('name'), isFilled('description'), says('annotations')] });

const workloadTools = section({
  workload: someText().describe('Name of the backend.'),
  filter: z.array(z.string()).optional().describe("Names of the tools to show, as overrides leave them, or patterns such as `search_*`."),
  overrides: z.record(z.string(), override).prefault({}).describe("By the backend's own name of a tool."),
  excludeAll: flag(false).describe('Hides every tool of this backend.'),
  toolConfigRef: notBuilt('toolConfigRef names a Kubernetes resource, and looking it up is'),
}).transform(({ toolConfigRef: _, ...rest }) => compact(rest));

/** The block `aggregation`. */
export const aggregationSchema: z.ZodType<AggregationConfig> = section({
  conflictResolution: choice(['prefix', 'priority', 'manual'])
    .prefault('prefix')
    .describe('What to do about two backends with a tool of one name.'),
  conflictResolutionConfig: section({
    prefixFormat: z
      .string()
      .prefault('{workload}_')
      .transform((format) => format || '{workload}_')
      .describe("Put before a tool's name; {workload} stands for the backend's name."),
    priorityOrder: z.array(z.string()).prefault([]).describe('Backends, the one that wins first.'),
  }).prefault({}).describe('What the strategies need to know.'),
  tools: z.array(workloadTools).prefault([]).describe('Which tools of a backend are shown, and how.'),
  excludeAllTools: flag(false).describe('Hides every tool of every backend.'),
  defaultToolVisibility: choiceOr('allow', ['allow', 'deny']).describe(
    'Whether a backend without an entry in "tools" shows its tools.'),
}).meta({
  allOf: [
    where(is('conflictResolution', 'manual'), isFilled('tools')),
    where(is('conflictResolution', 'priority'), {
      required: ['conflictResolutionConfig'],
      properties: { conflictResolutionConfig: { type: 'object', ...isFilled('priorityOrder') } },
    }),
  ],
});
