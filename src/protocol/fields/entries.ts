/** The entries of the four lists. */
import type { Misfit, Shape } from './shape.ts';
import { boolean, isPlain, leaf, list, oneOf, optional, record, required } from './shape.ts';
import { string } from './shape.ts';
import { described, resourceFields, schemaFields, templateFields } from './parts.ts';
import { schemaFault } from './json-schema.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** What the entries of a list are, by the field of the result that holds them. */
export type ListName = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

const objectType = leaf('"object"', {
  fits: (value) => value === 'object',
  mend: (value) => (Array.isArray(value) && value.includes('object') ? 'object' : undefined),
});

/** The schema of arguments, which are always an object: one that says otherwise makes the tool useless. */
const inputSchema = record({
  type: required(objectType, ({ type }) => ((type ?? null) === null ? 'object' : undefined)),
  ...schemaFields,
});

/** Clients compile this one, and check results against it: what cannot be compiled is left out. */
const outputFields = record(schemaFields);
const outputSchema: Shape = {
  expected: 'a JSON Schema that can be compiled',
  repair(value, misfits) {
    const repaired = outputFields.repair(value, misfits);
    const fault = isPlain(repaired) ? schemaFault(repaired) : undefined;
    if (fault === undefined) return repaired;
    misfits.push({ path: '', expected: this.expected, found: `a fault in "${fault}"`, done: undefined });
    return undefined;
  },
};

const tool = record({
  name: required(string),
  inputSchema: required(inputSchema, ({ inputSchema: found }) =>
    (found ?? null) === null ? { type: 'object' } : undefined,
  ),
  ...described,
  outputSchema: optional(outputSchema),
  annotations: optional(
    record({
      title: optional(string),
      readOnlyHint: optional(boolean),
      destructiveHint: optional(boolean),
      idempotentHint: optional(boolean),
      openWorldHint: optional(boolean),
    }),
  ),
  execution: optional(record({ taskSupport: optional(oneOf(['required', 'optional', 'forbidden'])) })),
});

const promptArgument = record(
  {
    name: required(string),
    title: optional(string),
    description: optional(string),
    required: optional(boolean),
  },
  { mend: (value) => (typeof value === 'string' ? { name: value } : undefined) },
);

const shapes: Readonly<Record<ListName, Shape>> = {
  tools: tool,
  resources: record(resourceFields),
  resourceTemplates: record(templateFields),
  prompts: record({ name: required(string), ...described, arguments: optional(list(promptArgument)) }),
};

/** A tool as a client is shown it, for what a backend asks a client's model to use. */
export const toolShape: Shape = tool;

/**
 * One entry of a list as clients can take it: itself where all its fields fit.
 * @param misfits told of each field that does not.
 * @returns undefined for an entry that is of no use to any client.
 */
export function repairEntry(of: ListName, entry: JsonValue, misfits: Misfit[]): JsonObject | undefined {
  const repaired = shapes[of].repair(entry, misfits);
  return isPlain(repaired) ? repaired : undefined;
}
