import { z } from 'zod';
import type { Config } from './config.ts';
import { aggregationSchema } from './aggregation.ts';
import { incomingAuthSchema, outgoingAuthSchema, sessionStorageSchema } from './auth.ts';
import { backendSchema } from './backends.ts';
import { codeModeSchema, operationalSchema } from './operational.ts';
import { compact, headerName, notBuilt, section, someText, textMap } from './parts.ts';
import { telemetrySchema } from './telemetry.ts';

/** The whole file: the one source of its keys, their limits and defaults, and of the published JSON Schema. */
export const fileSchema: z.ZodType<Config> = section({
  name: someText().describe('Name of this virtual server, in metrics and in what clients see.'),
  groupRef: z.string().optional().describe("ToolHive's group, kept as a label."),
  backends: z.array(backendSchema).prefault([]).describe('The MCP servers behind this one.'),
  incomingAuth: incomingAuthSchema.optional().describe('Who may call.'),
  outgoingAuth: outgoingAuthSchema.optional().describe('How this server identifies itself to backends.'),
  aggregation: aggregationSchema.prefault({}).describe('Which tools are shown, and under which names.'),
  codeMode: codeModeSchema.prefault({}).describe('Scripts that call tools.'),
  operational: operationalSchema.prefault({}).describe('Timeouts, health checks, the log.'),
  telemetry: telemetrySchema.prefault({}).describe('Metrics and traces.'),
  metadata: textMap().describe('Labels of your own.'),
  passthroughHeaders: z
    .array(z.string().regex(headerName, { error: 'expected the name of an HTTP header' }))
    .prefault([])
    .describe("Names of the client's headers that go on to every backend."),
  sessionStorage: sessionStorageSchema.optional().describe('Where sessions live.'),
  audit: notBuilt('audit logging is'),
  rateLimiting: notBuilt('rate limiting is'),
  optimizer: notBuilt('the optimizer is'),
  compositeTools: notBuilt('composite tools are'),
  compositeToolRefs: notBuilt('composite tools are'),
}).transform(
  ({
    outgoingAuth: _,
    sessionStorage: _storage,
    audit,
    rateLimiting,
    optimizer,
    compositeTools,
    compositeToolRefs,
    ...built
  }) =>
    compact({
      ...built,
      groupRef: built.groupRef || undefined,
      passthroughHeaders: built.passthroughHeaders.map((name) => name.toLowerCase()),
    }),
);
