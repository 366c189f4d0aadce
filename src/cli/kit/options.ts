import assert from 'node:assert';
import { parseArgs } from 'node:util';
import { didYouMean } from '../../lib/near-miss.ts';
import type { CommandSpec } from './command-spec.ts';
import { UsageError } from './terminal.ts';

/** What stood on a command line. */
export interface ParsedOptions {
  /** The value of an option; of the last one where it may stand once. Undefined when it is not there. */
  text(name: string): string | undefined;
  /** Every value of an option, in order. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  readonly operands: readonly string[];
}

/**
 * Reads the arguments of a command.
 * @throws UsageError for an unknown option, one without its value, and operands beyond those that the command takes
 */
export function parseOptions(
  args: readonly string[],
  spec: Pick<CommandSpec, 'options' | 'operands'>,
): ParsedOptions {
  const specs = spec.options;
  const { tokens } = parseArgs({
    args: [...args],
    options: specs,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = specs[token.name];
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(specs));
    if (spec.type === 'string' && token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value`);
    if (token.inlineValue === false && token.value.startsWith('-') && token.value !== '-')
      throw new UsageError(
        `${token.rawName} needs a value, found "${token.value}"; if that is the value, write ${token.rawName}=${token.value}`,
      );
    if (spec.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value`);
    values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? '']);
    if (!spec.multiple && spec.type === 'string' && (values.get(token.name)?.length ?? 0) > 1) {
      throw new UsageError(`${token.rawName} is given twice; it takes one value`);
    }
  }
  const maxOperands = spec.operands?.some(({ multiple }) => multiple)
    ? Infinity
    : (spec.operands?.length ?? 0);
  if (operands.length > maxOperands) throw new UsageError(`unexpected argument "${operands[maxOperands]}"`);
  return {
    text: (name) => valuesOf(name).at(-1),
    texts: valuesOf,
    flag: (name) => valuesOf(name).length > 0,
    operands,
  };

  function valuesOf(name: string): readonly string[] {
    // A command that asks for what its entry in the table lacks would never find it.
    assert.ok(Object.hasOwn(specs, name), `--${name} is not an option of this command`);
    return values.get(name) ?? [];
  }
}

/**
 * The value of an option that a command cannot do without.
 * @throws UsageError when it is missing
 */
export function required(options: ParsedOptions, name: string): string {
  const value = options.text(name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

function unknownOption(rawName: string, known: readonly string[]): UsageError {
  const meant = optionsOfToolHive[rawName];
  if (meant !== undefined) return new UsageError(`unknown option ${rawName}: ${meant}`);
  return new UsageError(
    `unknown option ${rawName}.${didYouMean(
      rawName,
      known.map((name) => `--${name}`),
    )}`,
  );
}

const groups = 'looking a group up needs ToolHive; list its servers under "backends" in the configuration';
const optimizer = 'the optimizer is not built yet';

/** What ToolHive's `vmcp` takes beside ours, and what to do instead. */
const optionsOfToolHive: Readonly<Record<string, string>> = {
  '--debug': 'write "operational: {logLevel: debug}" into the configuration',
  '--enable-audit': 'write the block `audit` into the configuration',
  '--group': groups,
  '-g': groups,
  '--optimizer': optimizer,
  '--optimizer-embedding': optimizer,
  '--embedding-model': optimizer,
  '--embedding-image': optimizer,
};
