import { Document, isMap, type Scalar, type YAMLMap } from 'yaml';

/** A backend as it goes into a new configuration file: keys of the file, not of a Config. */
export interface BackendEntry {
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface NewConfig {
  readonly name: string;
  readonly backends: readonly BackendEntry[];
  /** Further keys of the file, between its name and its backends. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Said above a backend, by its name. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

/**
 * The text of a new configuration file, with comments for whoever edits it. Code mode is on unless `settings` say
 * otherwise.
 * @param schema where the JSON Schema of the file is, for editors
 */
export function writeConfig({ name, backends, notes, settings = {} }: NewConfig, schema: string): string {
  const { codeMode, ...others } = settings;
  const document = new Document({
    name,
    backends,
    ...others,
    codeMode: codeMode ?? { enabled: true },
  });
  document.commentBefore =
    `${schemaLine(schema).slice(1)}\n A vmcp configuration. Check it with "vmcp validate", serve it with "vmcp serve".\n` +
    ' ${VAR} in a text is the value of an environment variable; each must be set.';
  const top = document.contents as unknown as YAMLMap<Scalar, YAMLMap>;
  for (const pair of top.items) {
    if (pair.key.value !== 'name') pair.key.spaceBefore = true;
    if (pair.key.value === 'backends') addNotes(pair.value?.items ?? [], notes);
    if (pair.key.value === 'codeMode') {
      pair.key.commentBefore = ' Offers execute_tool_script: scripts that call many tools in one go.';
    }
  }
  return document.toString({ lineWidth: 110 });
}

/** The first line of a configuration, by which editors complete and check it. */
export function schemaLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}`;
}

function addNotes(items: readonly unknown[], notes: NewConfig['notes']): void {
  for (const item of items) {
    if (!isMap(item)) continue;
    const lines = notes.get(String(item.get('name'))) ?? [];
    if (lines.length > 0) item.commentBefore = lines.map((line) => ` ${line}`).join('\n');
  }
}
