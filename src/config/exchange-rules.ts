/** Rules about strategies that ask a provider for tokens. */
import type { Path } from './document.ts';
import type { FileView, Rule } from './file-view.ts';
import { hostOf, isLoopback } from './schema/proxy.ts';
import { strategyPaths } from './strategy-paths.ts';

/** The block of each strategy that has one. */
export const blockOfStrategy: Readonly<Record<string, string>> = {
  header_injection: 'headerInjection',
  token_exchange: 'tokenExchange',
  xaa: 'xaa',
  client_credentials: 'clientCredentials',
};

const whatBlocksHold: Readonly<Record<string, string>> = {
  headerInjection: '"headerName" and its value',
  tokenExchange: '"tokenUrl" and what the provider asks for',
  xaa: '"idpTokenUrl", "targetTokenUrl", "targetAudience" and "targetResource"',
  clientCredentials: '"tokenUrl", "clientId" and its secret',
};

interface Client {
  readonly strategy: string;
  readonly id: string;
  readonly secret: string;
  readonly needsSecret: boolean;
}

const clients: readonly Client[] = [
  { strategy: 'clientCredentials', id: 'clientId', secret: 'clientSecret', needsSecret: true },
  { strategy: 'tokenExchange', id: 'clientId', secret: 'clientSecret', needsSecret: false },
  { strategy: 'xaa', id: 'idpClientId', secret: 'idpClientSecret', needsSecret: false },
  { strategy: 'xaa', id: 'targetClientId', secret: 'targetClientSecret', needsSecret: false },
];

const perCaller = ['token_exchange', 'xaa'];

export const exchangeRules: readonly Rule[] = [
  function strategiesHaveTheirBlock(file) {
    for (const path of strategyPaths(file)) {
      const type = file.at(...path, 'type');
      if (typeof type !== 'string') continue;
      const own = blockOfStrategy[type];
      if (own !== undefined && file.at(...path, own) === undefined)
        file.error(path, `the strategy "${type}" needs "${own}", with ${whatBlocksHold[own] ?? ''}`);
      for (const [strategy, block] of Object.entries(blockOfStrategy)) {
        if (block === own || file.at(...path, block) === undefined) continue;
        const advice = `write "type: ${strategy}", or remove it`;
        file.errorAtKey([...path, block], `"${block}" has no effect with "type: ${type}": ${advice}`);
      }
    }
  },

  function secretsOfClients(file) {
    for (const path of strategyPaths(file)) for (const client of clients) checkClient(file, path, client);
  },

  function providersAreAskedOverTls(file) {
    for (const path of strategyPaths(file)) {
      const isTrial = file.at(...path, 'xaa', 'insecureTargetTokenUrl') === true;
      isEncrypted(file, [...path, 'clientCredentials', 'tokenUrl']);
      isEncrypted(file, [...path, 'tokenExchange', 'tokenUrl']);
      isEncrypted(file, [...path, 'xaa', 'idpTokenUrl']);
      if (!isTrial) isEncrypted(file, [...path, 'xaa', 'targetTokenUrl']);
    }
  },

  function exchangedTokensNeedCallers(file) {
    const auth = file.at('incomingAuth', 'type');
    const several = file.items('incomingAuth', 'types');
    if (auth === 'oidc' || several.includes('oidc')) return;
    for (const path of strategyPaths(file)) {
      const type = file.at(...path, 'type');
      if (typeof type !== 'string' || !perCaller.includes(type)) continue;
      file.error(
        [...path, 'type'],
        `"${type}" exchanges the token that each caller signs in with: it needs "incomingAuth" with "type: oidc"`,
      );
    }
  },

  function loginsOfBackends(file) {
    for (const index of file.items('backends').keys()) {
      const oauth = ['backends', index, 'oauth'];
      if (file.at(...oauth) === undefined) continue;
      const name = String(file.at('backends', index, 'name'));
      const strategy = ['outgoingAuth', 'backends', name];
      if (file.at(...strategy) !== undefined)
        file.error(oauth, `"${name}" has "oauth" and a strategy in "outgoingAuth": keep one of them`);
      const variable = file.at(...oauth, 'clientSecretEnv');
      if (typeof variable !== 'string' || variable === '') continue;
      if (!file.says(...oauth, 'clientId'))
        file.error(oauth, 'a secret belongs to a client: expected "clientId" beside "clientSecretEnv"');
      if (!file.surroundings.environment[variable])
        file.error([...oauth, 'clientSecretEnv'], `the environment variable ${variable} is not set`);
    }
  },

  function assertionsAreForOneServer(file) {
    for (const path of strategyPaths(file)) {
      const block = [...path, 'xaa'];
      const [idp, target] = [file.at(...block, 'idpTokenUrl'), file.at(...block, 'targetTokenUrl')];
      if (typeof idp === 'string' && idp === target)
        file.warn(
          [...block, 'targetTokenUrl'],
          'both steps ask one server: "token_exchange" does the same in one',
        );
    }
  },
];

function checkClient(file: FileView, path: Path, { strategy, id, secret, needsSecret }: Client): void {
  const block = [...path, strategy];
  if (file.at(...block) === undefined) return;
  const kinds = [secret, `${secret}Env`];
  const given = kinds.filter((kind) => file.says(...block, kind));
  const words = kinds.map((kind) => `"${kind}"`);
  if (given.length > 1) file.error(block, `expected one of ${words.join(' and ')}, found both`);
  if (given.length === 0 && needsSecret) file.error(block, `expected ${words.join(' or ')}, found neither`);
  if (given.length > 0 && !file.says(...block, id))
    file.error(block, `a secret belongs to a client: expected "${id}" beside "${given.join('" and "')}"`);
  const variable = file.at(...block, `${secret}Env`);
  if (typeof variable !== 'string' || variable === '') return;
  if (!file.surroundings.environment[variable])
    file.error([...block, `${secret}Env`], `the environment variable ${variable} is not set`);
}

function isEncrypted(file: FileView, path: Path): void {
  const written = file.at(...path);
  const url = typeof written === 'string' ? URL.parse(written) : null;
  if (url?.protocol !== 'http:' || isLoopback(hostOf(url))) return;
  file.error(path, 'expected https: tokens and secrets are sent there');
}
