import { ConfigError, formatProblem } from '../config/index.ts';
import { checkFeatures, checkSavedTools, configReader } from '../server/index.ts';
import { commands } from './kit/commands.ts';
import { configFile } from './kit/config-file.ts';
import { parseOptions } from './kit/options.ts';
import { exitCodes, type RunCommand } from './kit/terminal.ts';
import { tellMissing } from './tools/list.ts';
import { withTools } from './tools/source.ts';

/** `vmcp validate`: every problem of a configuration file. A file with errors ends in the ConfigError that lists them. */
export const runValidate: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.validate);
  const file = configFile(options, options.operands[0]);
  const loaded = await configReader.load(file, terminal.environment);
  const problems = [...loaded.warnings, ...(await checkFeatures(loaded))];
  if (problems.some(({ severity }) => severity === 'error')) throw new ConfigError(file, problems);
  if (options.flag('check-tools')) {
    const status = await withTools(
      options,
      terminal,
      { codeMode: false, configAlone: true, file },
      async (use) => {
        const found = await checkSavedTools(loaded, await use.source.listTools(use.signal));
        tellMissing(use, terminal);
        if (found.length > 0) throw new ConfigError(file, found);
        return exitCodes.done;
      },
    );
    if (status !== exitCodes.done) return status;
  }
  for (const warning of problems) terminal.err(`${formatProblem(file, warning)}\n`);
  if (options.flag('strict') && problems.length > 0) {
    const count = problems.length === 1 ? 'a warning' : `${problems.length} warnings`;
    terminal.err(`${file}: ${count}; --strict takes none\n`);
    return exitCodes.failed;
  }
  terminal.out(`${file}: OK\n`);
  return exitCodes.done;
};
