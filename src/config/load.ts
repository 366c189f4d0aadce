import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { decodeText } from '../lib/decode-text.ts';
import { whyNotRead } from '../lib/file-fault.ts';
import type { BaseConfig } from './schema/config.ts';
import { parseDocument, type ConfigDocument, type Path } from './document.ts';
import { withFound, type FoundBackends } from './found.ts';
import { substitute, type Environment } from './environment.ts';
import { toProblems } from './faults.ts';
import { ConfigError, type Problem } from './problem.ts';
import { resolveConfig, resolveFiles } from './resolve.ts';
import { toJsonSchema, type JsonSchema } from './json-schema.ts';
import { reread } from './reread.ts';
import { checkRules } from './rules.ts';
import { secretsOf } from './secrets.ts';
import { fileSchema, type ConfigBlock } from './schema/root.ts';
import type { WrittenConfig } from './schema/written.ts';
import { deepFreeze, valueAt, withValueAt } from './tree.ts';

/** A sound configuration, and what its author may still want to know. */
export interface LoadedConfig<Config extends BaseConfig = BaseConfig> {
  readonly config: Config;
  readonly warnings: readonly Problem[];
  /** Values in it that must never be shown. */
  readonly secrets: readonly string[];
  /** Where a key stands in the file, or the nearest one above it that does. */
  readonly placeOf: (path: Path) => { readonly line: number; readonly column: number };
}

export interface ParseOptions {
  /** What problems call it, and whose folder paths are relative to. */
  readonly file: string;
  readonly environment: Environment;
  /** Backends from elsewhere. They are held to the same rules as those of the text. */
  readonly found?: FoundBackends | undefined;
}

/** Reads configurations with a given set of blocks. */
export interface ConfigReader<Config extends BaseConfig> {
  /**
   * Reads a file.
   * @throws ConfigError with every problem of the file, also when it cannot be read
   */
  load(file: string, environment: Environment): Promise<LoadedConfig<Config>>;
  /**
   * Reads a text.
   * @throws ConfigError with every problem of the text
   */
  parse(text: string, options: ParseOptions): LoadedConfig<Config>;
  /** The file as a JSON Schema (2020-12), for editors. */
  toJsonSchema(): JsonSchema;
}

/** @param blocks what features add to the gateway's own keys; `Config` is the type of the whole */
export function createConfigReader<Config extends BaseConfig>(
  blocks: readonly ConfigBlock[],
): ConfigReader<Config> {
  const schema = fileSchema<Config>(blocks);
  const files = blocks.flatMap(({ key, within, files: keys = [] }) =>
    keys.map((each) => [...(within === undefined ? [] : [within]), key, ...each.split('.')]),
  );
  const parse: ConfigReader<Config>['parse'] = (text, options) => parseConfig(text, schema, options, files);
  return {
    load: async (file, environment) => parse(await readConfigText(file), { file, environment }),
    parse,
    toJsonSchema: () => toJsonSchema(schema),
  };
}

/**
 * The text of a configuration file.
 * @throws ConfigError when there is none to read
 */
export async function readConfigText(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file));
  } catch (error) {
    const message = whyNotRead(error);
    throw new ConfigError(file, [{ severity: 'error', line: 1, column: 1, message }], { cause: error });
  }
}

function parseConfig<Config extends BaseConfig>(
  text: string,
  schema: z.ZodType<WrittenConfig<Config>>,
  options: ParseOptions,
  files: readonly (readonly string[])[],
): LoadedConfig<Config> {
  const substituted = new Map<string, string>();
  /** Put into headers of backends: secrets, whatever they are called. */
  const headerVariables = new Set<string>();
  const substitutionFaults: { path: Path; message: string }[] = [];
  const written = parseDocument(text, (original, path) => {
    const { text: replaced, used, faults } = substitute(original, options.environment);
    for (const name of used) {
      substituted.set(name, options.environment[name] ?? '');
      if (path[0] === 'backends' && path[2] === 'headers') headerVariables.add(name);
    }
    for (const message of faults) substitutionFaults.push({ path, message });
    return replaced;
  });
  const { found } = options;
  // What was found is data: variables of the environment are put into the text alone.
  const document = found === undefined ? written : withFound(written, found);
  const problems = [
    ...document.problems,
    ...substitutionFaults.map(({ path, message }) => ({
      severity: 'error' as const,
      ...document.placeOf(path),
      message,
    })),
  ];
  // Without a tree there is nothing more to say: each missing key would be another false alarm.
  const manifest = manifestProblem(document);
  if (manifest) throw new ConfigError(options.file, [manifest]);
  const readable = document.problems.length === 0;
  const parsed = readable ? parseTree(document, schema) : undefined;
  if (parsed?.error) {
    const unset = new Set(substitutionFaults.map(({ path }) => path.join('\n')));
    const issues = parsed.error.issues.filter(({ path }) => !unset.has(path.join('\n')));
    problems.push(...issues.flatMap((issue) => toProblems(issue, document, issues)));
  }
  const surroundings = { environment: options.environment, folder: dirname(resolve(options.file)) };
  if (readable) problems.push(...checkRules(document, surroundings));
  const tidy = inOrder(problems).map((problem) => ({
    ...problem,
    message: redact(problem.message, substituted, found?.secrets),
  }));
  if (!parsed?.success || tidy.some(({ severity }) => severity === 'error'))
    throw new ConfigError(options.file, tidy);
  const config = deepFreeze(
    resolveFiles(resolveConfig<Config>(parsed.data, surroundings), files, surroundings),
  );
  return {
    config,
    warnings: tidy,
    secrets: [...new Set([...secretsOf(config, substituted, headerVariables), ...(found?.secrets ?? [])])],
    placeOf: (path) => document.placeOf(path),
  };
}

/** ToolHive's operator has the same configuration inside a resource of Kubernetes; whoever hands that in is told so in one go. */
function manifestProblem(document: ConfigDocument): Problem | undefined {
  const kind = valueAt(document.root, ['kind']);
  if (valueAt(document.root, ['apiVersion']) === undefined || typeof kind !== 'string') return undefined;
  const message =
    'expected the configuration of a vmcp, found a manifest for Kubernetes: "vmcp init --from FILE" makes one of a ' +
    'VirtualMCPServer';
  return { severity: 'error', ...document.placeOfKey(['apiVersion']), message };
}

/**
 * Fits the tree to the schema: `reread.ts` says which types YAML guesses that the schema knows better. A `${PORT}` is a text
 * until it is put in. Go's reader is as lenient with what is unquoted.
 */
function parseTree<Config extends BaseConfig>(
  document: ConfigDocument,
  schema: z.ZodType<WrittenConfig<Config>>,
): z.ZodSafeParseResult<WrittenConfig<Config>> {
  const first = schema.safeParse(document.root);
  if (first.success) return first;
  let root = document.root;
  for (const issue of first.error.issues) {
    if (issue.code !== 'invalid_type') continue;
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const better = reread(issue.expected, document.plainTextOf(path), valueAt(root, path));
    if (better !== undefined) root = withValueAt(root, path, better);
  }
  return root === document.root ? first : schema.safeParse(root);
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}

/** What came out of the environment may be a secret: where a message quotes it, it is named instead. */
function redact(
  message: string,
  substituted: ReadonlyMap<string, string>,
  secrets: readonly string[] = [],
): string {
  let redacted = message;
  for (const secret of secrets) redacted = redacted.replaceAll(secret, '[redacted]');
  for (const [name, value] of substituted) {
    if (value.length >= shortestSecret) redacted = redacted.replaceAll(value, `\${${name}}`);
  }
  return redacted;
}

/** Shorter values are no secrets, and would be found in words by chance. */
const shortestSecret = 4;
