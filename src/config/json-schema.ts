import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The configuration file as a JSON Schema (2020-12), for editors. It knows keys, types, words and defaults; rules
 * between keys are `vmcp validate`'s alone. Keys that are refused are left out, so that no editor offers them.
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => leaveOutRefused(jsonSchema),
  });
  return { ...($schema !== undefined && { $schema }), title: 'vmcp configuration', ...rest };
}

function leaveOutRefused({ properties }: JsonSchema): void {
  for (const [key, schema] of Object.entries(properties ?? {})) {
    if (typeof schema === 'object' && schema.not !== undefined) delete properties?.[key];
  }
}
