import type {
  BaseConfig,
  ClientCredentialsConfig,
  HttpBackendConfig,
  LoginConfig,
  StdioBackendConfig,
  TokenExchangeConfig,
  XaaConfig,
} from './config.ts';

/**
 * A configuration as its file has it, in the types of a Config: paths are relative still, and what another key or the
 * environment adds to a backend is not there yet (see `../resolve.ts`).
 */
export type WrittenConfig<Config extends BaseConfig = BaseConfig> = Omit<Config, 'backends'> & {
  readonly telemetry: BaseConfig['telemetry'];
  readonly backends: readonly WrittenBackend[];
  readonly outgoingAuth?: WrittenOutgoingAuth;
};

export type WrittenBackend = StdioBackendConfig | WrittenHttpBackend;

export interface WrittenHttpBackend extends Omit<HttpBackendConfig, 'strategy' | 'proxy'> {
  /** A URL, or `none`. */
  readonly proxy?: string;
  readonly oauth?: WrittenLogin;
}

export interface WrittenOutgoingAuth {
  readonly source: 'inline' | 'discovered';
  /** For backends that are not named. */
  readonly default?: WrittenStrategy;
  /** By backend name. */
  readonly backends: Readonly<Record<string, WrittenStrategy>>;
}

export type WrittenStrategy =
  | { readonly type: 'unauthenticated' }
  | { readonly type: 'header_injection'; readonly headerInjection: WrittenHeaderInjection }
  | { readonly type: 'client_credentials'; readonly clientCredentials: WrittenClientCredentials }
  | { readonly type: 'token_exchange'; readonly tokenExchange: WrittenTokenExchange }
  | { readonly type: 'xaa'; readonly xaa: WrittenXaa };

export interface WrittenLogin extends Omit<LoginConfig, 'type' | 'server' | 'clientSecret'> {
  readonly clientSecretEnv?: string;
}

/** Exactly one of the secret and its variable is there. */
export interface WrittenClientCredentials extends Omit<ClientCredentialsConfig, 'type' | 'clientSecret'> {
  readonly clientSecret?: string;
  readonly clientSecretEnv?: string;
}

export interface WrittenTokenExchange extends Omit<TokenExchangeConfig, 'type'> {
  readonly clientSecretEnv?: string;
}

export interface WrittenXaa extends Omit<XaaConfig, 'type'> {
  readonly idpClientSecretEnv?: string;
  readonly targetClientSecretEnv?: string;
}

/** Exactly one of the last three is there. */
export interface WrittenHeaderInjection {
  readonly headerName: string;
  readonly headerValue?: string;
  readonly headerValueEnv?: string;
  readonly headerValueFile?: string;
}
