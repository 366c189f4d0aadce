import { existsSync } from 'node:fs';
import { ConfigError } from '../../config/index.ts';
import type { ParsedOptions } from './options.ts';
import { UsageError } from './terminal.ts';

/** The configuration of commands that are given none, in the folder that they run in. */
export const defaultConfigFile = 'vmcp.yaml';

/**
 * The configuration file that a command line names: with `--config`, by itself where the command takes it so, or none.
 * @throws UsageError when it is named twice, or by an empty text
 * @throws ConfigError when none is named and the default is not there
 */
export function configFile(options: ParsedOptions, operand?: string): string {
  const option = options.text('config');
  if (option === '') throw new UsageError('--config needs the name of a file');
  if (operand === '') throw new UsageError('FILE needs the name of a file');
  if (option !== undefined && operand !== undefined)
    throw new UsageError(
      `the configuration is named twice, "${operand}" and --config ${option}; expected one`,
    );
  const named = option ?? operand;
  if (named !== undefined) return named;
  if (existsSync(defaultConfigFile)) return defaultConfigFile;
  const message = 'no such file; name another with --config FILE, or write one with "vmcp init -o vmcp.yaml"';
  throw new ConfigError(defaultConfigFile, [{ severity: 'error', line: 1, column: 1, message }]);
}
