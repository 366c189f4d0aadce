/** ToolHive's MCPExternalAuthConfig as a strategy of `outgoingAuth`. What a strategy may say is for its schema to check. */
import { Skip, type Lookup } from './candidate.ts';
import { fieldOf, present, textAt } from './read-object.ts';

/** Types by ToolHive's own name, with what this program calls the ones that it does not make a strategy of. */
const elsewhere: Readonly<Record<string, string>> = {
  embeddedAuthServer:
    'it configures an authorization server in the backend, and no credential for callers of it',
  upstreamInject: 'it needs the authorization server that ToolHive embeds',
  awsSts: 'requests are not signed for AWS here',
  obo: 'it is reserved for builds of ToolHive that are not public',
};

/**
 * @param spec of the MCPExternalAuthConfig
 * @throws Skip where it cannot be used, or a Secret that it names is not there
 */
export function strategyOf(spec: unknown, lookup: Lookup): object {
  const type = textAt(spec, 'type') ?? 'unknown';
  const secret = (...path: string[]): string | undefined => secretAt(fieldOf(spec, ...path), lookup);
  switch (type) {
    case 'unauthenticated':
      return { type: 'unauthenticated' };
    case 'bearerToken':
      return header(
        'Authorization',
        `Bearer ${needed(secret('bearerToken', 'tokenSecretRef'), 'tokenSecretRef')}`,
      );
    case 'headerInjection':
      return header(
        textAt(spec, 'headerInjection', 'headerName') ?? '',
        needed(secret('headerInjection', 'valueSecretRef'), 'valueSecretRef'),
      );
    case 'tokenExchange': {
      const {
        clientSecretRef: _,
        externalTokenHeaderName: _header,
        ...rest
      } = blockOf(spec, 'tokenExchange');
      const clientSecret = secret('tokenExchange', 'clientSecretRef');
      return { type: 'token_exchange', tokenExchange: present({ ...rest, clientSecret }) };
    }
    case 'xaa': {
      const { idpClientSecretRef: _, targetClientSecretRef: _target, ...rest } = blockOf(spec, 'xaa');
      const idpClientSecret = secret('xaa', 'idpClientSecretRef');
      const targetClientSecret = secret('xaa', 'targetClientSecretRef');
      return { type: 'xaa', xaa: present({ ...rest, idpClientSecret, targetClientSecret }) };
    }
    default:
      throw new Skip(
        `the external auth type "${type}" cannot be used: ${elsewhere[type] ?? 'it is not known here'}`,
      );
  }
}

function header(headerName: string, headerValue: string): object {
  return { type: 'header_injection', headerInjection: { headerName, headerValue } };
}

function blockOf(spec: unknown, key: string): Record<string, unknown> {
  const block = fieldOf(spec, key);
  return typeof block === 'object' && block !== null ? { ...block } : {};
}

function needed(value: string | undefined, key: string): string {
  if (value === undefined) throw new Skip(`the external auth config needs "${key}"`);
  return value;
}

/** The value that a reference to a Secret's key leads to; undefined without a reference. */
export function secretAt(ref: unknown, lookup: Lookup): string | undefined {
  const name = textAt(ref, 'name');
  const key = textAt(ref, 'key');
  return name === undefined || key === undefined ? undefined : lookup.secret(name, key);
}
