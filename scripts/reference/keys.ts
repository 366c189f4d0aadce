/** The page of every key, from the published JSON Schema. */
import { configReader } from '../../src/server/config.ts';
import { code, table } from './table.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly then?: Schema;
}

interface Row {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** The whole page. */
export function keysReference(): string {
  const schema = JSON.parse(JSON.stringify(configReader.toJsonSchema())) as Schema;
  const sections = Object.entries(schema.properties ?? {}).map(([key, block]) => {
    const rows = distinct([
      { path: key, schema: block, required: schema.required?.includes(key) ?? false },
      ...keysBelow(block, key),
    ]);
    const cells = rows.map((row) => [
      code(row.path),
      kindOf(row.schema),
      fallbackOf(row),
      row.schema.description ?? '',
    ]);
    return `## ${key}\n\n${table(['key', 'value', 'default', ''], cells)}`;
  });
  return `# Every key

<!-- Written by \`npm run reference\` from the configuration's schema. -->

[configuration.md](../configuration.md) says how the keys work together. \`[]\` stands for each item of a
list, \`NAME\` for a key that the file's author chooses. Any value may be \`\${VARIABLE}\`.

${sections.join('\n\n')}
`;
}

function keysBelow(schema: Schema, path: string): Row[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, each]): Row[] => {
    const row = { path: `${path}.${key}`, schema: each, required: schema.required?.includes(key) ?? false };
    return [row, ...keysBelow(each, row.path)];
  });
  const inside = [schema.then, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].filter(
    (each) => each !== undefined,
  );
  const map = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return [
    ...own,
    ...inside.flatMap((each) => keysBelow(each, path)),
    ...(schema.items ? keysBelow(schema.items, `${path}[]`) : []),
    ...(map ? keysBelow(map, `${path}.NAME`) : []),
  ];
}

/** Kinds of backends share keys. A rule between keys names keys without saying what they are. */
function distinct(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ path, schema }) => {
    if (schema.description === undefined || seen.has(path)) return false;
    seen.add(path);
    return true;
  });
}

function kindOf(schema: Schema): string {
  const words = [schema, ...(schema.anyOf ?? [])].flatMap(
    (each) => each.enum ?? (each.const === undefined ? [] : [each.const]),
  );
  if (words.length > 0)
    return words
      .filter((word) => word !== '' && word !== null)
      .map((word) => code(String(word)))
      .join(', ');
  const types = [schema.type ?? [], ...(schema.anyOf ?? []).map(({ type }) => type ?? [])].flat();
  const first = types.find((type) => type !== 'null' && type in kinds);
  return first === undefined ? '' : (kinds[first] ?? '');
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true, false',
  integer: 'whole number',
  number: 'number',
  array: 'list',
  object: 'mapping',
};

function fallbackOf({ schema, required }: Row): string {
  if (required) return 'required';
  const { default: fallback } = schema;
  return fallback === undefined || typeof fallback === 'object' || fallback === ''
    ? ''
    : code(String(fallback));
}
