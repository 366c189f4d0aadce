import { formatProblem } from '../config/index.ts';
import { configReader } from '../server/index.ts';
import { parseOptions, required } from './options.ts';
import { exitCodes, type RunCommand } from './terminal.ts';

/** `vmcp validate`: every problem of a configuration file. A file with errors ends in the ConfigError that lists them. */
export const runValidate: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, { config: { type: 'string', short: 'c' } });
  const file = required(options, 'config');
  const { warnings } = await configReader.load(file, terminal.environment);
  for (const warning of warnings) terminal.err(`${formatProblem(file, warning)}\n`);
  terminal.out(`${file} is sound\n`);
  return exitCodes.done;
};
