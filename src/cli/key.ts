import { apiKeyDigest, createApiKey } from '../lib/api-key.ts';
import { commands } from './kit/commands.ts';
import { parseOptions } from './kit/options.ts';
import { exitCodes, UsageError, type RunCommand } from './kit/terminal.ts';

/** `vmcp key`: an API key, and the lines that let its holder in. */
export const runKey: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.key);
  const [name] = options.operands;
  if (name === undefined || name === '')
    throw new UsageError('expected the name of the caller who gets the key');
  const key = createApiKey();
  const sha256 = apiKeyDigest(key).toString('hex');
  const groups = options.texts('group');
  const made = { name, key, sha256, groups };
  terminal.out(options.flag('json') ? `${JSON.stringify(made)}\n` : linesFor(made));
  return exitCodes.done;
};

interface MadeKey {
  readonly name: string;
  readonly key: string;
  readonly sha256: string;
  readonly groups: readonly string[];
}

/** JSON texts are YAML texts, too, whatever stands in them. */
function linesFor({ name, key, sha256, groups }: MadeKey): string {
  return [
    `# The key of ${JSON.stringify(name)}. It is not stored and not shown again. Its holder sends`,
    '# the header "Authorization: Bearer KEY"; over stdio, VMCP_TOKEN=KEY.',
    '',
    key,
    '',
    '# For the configuration:',
    '',
    'incomingAuth:',
    '  type: apiKeys',
    '  apiKeys:',
    `    - name: ${JSON.stringify(name)}`,
    `      sha256: ${JSON.stringify(sha256)}`,
    ...(groups.length > 0 ? [`      groups: ${JSON.stringify(groups)}`] : []),
    '',
  ].join('\n');
}
