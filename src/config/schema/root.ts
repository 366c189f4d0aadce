import { z } from 'zod';
import type { BaseConfig } from './config.ts';
import { aggregationSchema } from './aggregation.ts';
import { outgoingAuthSchema } from './auth.ts';
import { is, isFilled } from '../kit/editor-rules.ts';
import { backendSchema } from './backends.ts';
import { operationalSchema } from './operational.ts';
import { compact, headerName, notBuilt, section, someText, textMap } from '../kit/parts.ts';
import { addressRange } from '../kit/address.ts';
import { webUrl } from '../kit/url.ts';
import { sessionStorageSchema } from './session-storage.ts';
import { telemetrySchema } from './telemetry.ts';
import type { WrittenConfig } from './written.ts';

/** A block of the file that a feature declares. */
export interface ConfigBlock {
  readonly key: string;
  readonly schema: z.ZodType;
  readonly about: string;
  /** Present where the block may be absent; one that is not has its defaults then. */
  readonly optional?: true | undefined;
  /** The block that holds this one, whose schema already has it in it; absent for a block of the file itself. */
  readonly within?: string | undefined;
  /** Keys of the block that list files: they become absolute. */
  readonly files?: readonly string[] | undefined;
}

/** Keys of the gateway itself, and those that ToolHive knows and no feature has built yet. */
const ownKeys = {
  name: someText().describe('Name of this virtual server, in metrics and in what clients see.'),
  groupRef: z.string().optional().describe("ToolHive's group: a label, and with `outgoingAuth.source: discovered` where backends come from."),
  publicUrl: webUrl()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('What clients reach this server by, where that is not its own address.'),
  backends: z.array(backendSchema).prefault([]).describe('The MCP servers behind this one.').meta({ minItems: 1, default: undefined }),
  outgoingAuth: outgoingAuthSchema.optional().describe('How this server identifies itself to backends.'),
  aggregation: aggregationSchema.prefault({}).describe('Which tools are shown, and under which names.'),
  operational: operationalSchema.prefault({}).describe('Timeouts, health checks, the log.'),
  telemetry: telemetrySchema.prefault({}).describe('Metrics and traces.'),
  metadata: textMap().describe('Labels of your own.'),
  passthroughHeaders: z
    .array(headerName())
    .prefault([])
    .describe("Names of the client's headers that go on to every backend."),
  trustedProxies: z
    .array(addressRange())
    .prefault([])
    .describe("Addresses and ranges of proxies whose X-Forwarded-For tells a client's address."),
  sessionStorage: sessionStorageSchema
    .prefault({ provider: 'memory' })
    .describe('Where replicas of this server share their sessions.'),
  optimizer: notBuilt('the optimizer is'),
  compositeTools: notBuilt('composite tools are'),
  compositeToolRefs: notBuilt('composite tools are'),
};

/** The whole file: the one source of its keys, their limits and defaults, and of the published JSON Schema. */
export function fileSchema<Whole extends BaseConfig>(
  all: readonly ConfigBlock[],
): z.ZodType<WrittenConfig<Whole>> {
  const blocks = all.filter(({ within }) => within === undefined);
  const declared = blocks.map(
    ({ key, schema, about, optional }) =>
      [key, (optional === true ? schema : schema.prefault({})).describe(about)] as const,
  );
  const whole = section({ ...ownKeys, ...Object.fromEntries(declared) }).meta({
    required: ['name'],
    // Where backends are found, the file may list none.
    if: { required: ['outgoingAuth'], properties: { outgoingAuth: is('source', 'discovered') } },
    then: isFilled('groupRef'),
    else: isFilled('backends'),
  }).transform((written) =>
    tidy(written, new Set(blocks.map(({ key }) => key))),
  );
  return whole as unknown as z.ZodType<WrittenConfig<Whole>>;
}

/** Keys that are read for ToolHive's sake, or refused, leave nothing in a Config. */
const leftOut: readonly (keyof typeof ownKeys)[] = [
  'optimizer',
  'compositeTools',
  'compositeToolRefs',
];

function tidy(written: z.output<z.ZodObject<typeof ownKeys>>, built: ReadonlySet<string>): object {
  const kept = Object.entries(written).filter(
    ([key]) => built.has(key) || !(leftOut as readonly string[]).includes(key),
  );
  return compact({
    ...Object.fromEntries(kept),
    groupRef: written.groupRef || undefined,
    passthroughHeaders: written.passthroughHeaders.map((name) => name.toLowerCase()),
  });
}
