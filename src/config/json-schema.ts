import { z } from 'zod';
import { numberText, truthWords } from './reread.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A name, not an address: the schema comes with the package. */
const schemaId = 'urn:vmcp:schema:configuration';

/**
 * The configuration file as a JSON Schema (2020-12), for editors. It takes what the reader takes: `${NAME}` for any
 * value, an empty key as an absent one, `8080` where a text is expected. Keys that are refused are left out, so that no
 * editor offers them. References between lists, files and variables are `vmcp validate`'s alone.
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      leaveOutRefused(jsonSchema);
    },
  });
  return {
    ...($schema !== undefined && { $schema }),
    $id: schemaId,
    title: 'vmcp configuration',
    ...asRead(rest),
  };
}

function leaveOutRefused({ properties }: JsonSchema): void {
  for (const [key, schema] of Object.entries(properties ?? {})) {
    if (isSchema(schema) && isSchema(schema.not) && Object.keys(schema.not).length === 0)
      delete properties?.[key];
  }
}

/** What an editor must accept for a value that the reader takes as this one. */
function asRead(schema: JsonSchema): JsonSchema {
  if (schema.oneOf && schema.type === undefined) return byTransport(schema);
  if (schema.anyOf && schema.type === undefined) {
    return { ...schema, anyOf: schema.anyOf.map((each) => asRead(each)) };
  }
  switch (schema.type) {
    case 'object':
      return objectAsRead(schema);
    case 'array':
      return { ...schema, ...(isSchema(schema.items) && { items: itemAsRead(schema.items) }) };
    case 'string':
      return textAsRead(schema);
    case 'boolean':
      return { ...schema, type: ['boolean', 'string'] as never, pattern: truthPattern };
    case 'integer':
    case 'number':
      return numberAsRead(schema);
    default:
      return schema;
  }
}

/** An empty item of a list or mapping of texts is an empty text. */
function itemAsRead(items: JsonSchema): JsonSchema {
  const read = asRead(items);
  return items.type === 'string' && items.enum === undefined && matchesEmpty(items) ? orEmpty(read) : read;
}

function matchesEmpty({ minLength = 0, pattern }: JsonSchema): boolean {
  return minLength === 0 && (pattern === undefined || new RegExp(pattern, 'u').test(''));
}

function objectAsRead(schema: JsonSchema): JsonSchema {
  const { properties, propertyNames, additionalProperties, required = [] } = schema;
  const read: JsonSchema = { ...schema };
  if (properties) {
    read.properties = Object.fromEntries(
      Object.entries(properties).map(([key, each]) => {
        const value = isSchema(each) ? asRead(each) : each;
        return [key, required.includes(key) || !isSchema(value) ? value : orEmpty(value)];
      }),
    );
  }
  if (isSchema(additionalProperties)) read.additionalProperties = itemAsRead(additionalProperties);
  if (isSchema(propertyNames) && propertyNames.pattern === undefined) delete read.propertyNames;
  return read;
}

/** An empty key is an absent one. */
function orEmpty(schema: JsonSchema): JsonSchema {
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  if (schema.oneOf) {
    // Of a kind of its own, or else the alternatives would be asked of the empty key.
    const { description, default: fallback, ...rest } = schema;
    return {
      ...(description !== undefined && { description }),
      ...(fallback !== undefined && { default: fallback }),
      anyOf: [rest, { type: 'null' }],
    };
  }
  const types = [schema.type ?? []].flat() as string[];
  return types.length === 0 ? schema : { ...schema, type: [...types, 'null'] as never };
}

const reference = '\\$\\{';

/** Unquoted numbers and truth values are read as the text that they are written as. */
function textAsRead(schema: JsonSchema): JsonSchema {
  const { enum: words, const: word, type: _, ...rest } = schema;
  if (words !== undefined || word !== undefined) {
    const fixed = words === undefined ? { const: word } : { enum: words };
    return {
      ...rest,
      anyOf: [{ type: 'string', ...fixed } as JsonSchema, { type: 'string', pattern: reference }],
    };
  }
  if (schema.pattern === undefined) return { ...schema, type: ['string', 'number', 'boolean'] as never };
  const pattern = new RegExp(schema.pattern, 'u');
  const takes = (text: string): boolean => pattern.test(text);
  const types = ['string', ...(takes('0') ? ['number'] : []), ...(takes('true') ? ['boolean'] : [])];
  return {
    ...schema,
    type: (types.length === 1 ? 'string' : types) as never,
    pattern: `${schema.pattern}|${reference}`,
    ...(takes('0') && !takes('7') && { maximum: 0 }),
    ...(takes('0') && !takes('-7') && { minimum: 0 }),
  };
}

function numberAsRead(schema: JsonSchema): JsonSchema {
  const { maximum, ...rest } = schema;
  const least = schema.minimum ?? Number.NEGATIVE_INFINITY;
  return {
    ...rest,
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
    type: [schema.type, 'string'] as never,
    pattern: `${least > 0 ? '^(?=.*[1-9])' : '^'}${numberText.source.slice(1)}|${reference}`,
  };
}

const truthPattern = `^(?:${Object.keys(truthWords)
  .map((word) => word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`))
  .join('|')})$|${reference}`;

/**
 * Kinds that one key tells apart, each under its own condition: a fault is then told of the kind that is meant, where
 * `oneOf` would say only that no kind fits.
 */
function byTransport(schema: JsonSchema): JsonSchema {
  const { oneOf = [], ...rest } = schema;
  const kinds = oneOf.map((kind) => ({ kind, word: transportOf(kind) }));
  const words = kinds.map(({ word }) => word);
  const whole: JsonSchema = {
    ...rest,
    type: 'object',
    required: ['name', 'transport'],
    properties: {
      transport: {
        description: `How the backend is reached: ${words.join(', ')}.`,
        anyOf: [{ enum: words }, { type: 'string', pattern: reference }],
      },
    },
    allOf: kinds.map(({ kind, word }) => ({
      if: { properties: { transport: { const: word } }, required: ['transport'] },
      then: asRead(kind),
    })),
  };
  return whole;
}

function transportOf({ properties }: JsonSchema): string {
  const transport = properties?.['transport'];
  return typeof transport === 'object' ? String(transport.const) : '';
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
