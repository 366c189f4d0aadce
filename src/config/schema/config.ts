/**
 * What a configuration says of the gateway itself, typed: every key has a value, durations are milliseconds, sizes are bytes, paths are
 * absolute. A Config is frozen to its leaves; a reload makes a new one. `docs/configuration.md` explains each key to
 * operators, and `schema/` is where the keys, their limits and their defaults are declared. A feature's block is typed where
 * the feature declares it.
 */
export interface BaseConfig {
  /** Name of this virtual server: the value of the metric label `vmcp_server_name`. Never empty. */
  readonly name: string;
  /** ToolHive's group: a label, unless `discovery` is there. */
  readonly groupRef?: string;
  /** Present where backends of a group are found by the Kubernetes API, beside those of the file. */
  readonly discovery?: { readonly group: string };
  /** At least one without `discovery`; names are unique. Those of the file in its order, then those that were found. */
  readonly backends: readonly BackendConfig[];
  /** `http` or `https`, without query, fragment or a slash at its end. */
  readonly publicUrl?: string;
  /** IP addresses and ranges (CIDR). */
  readonly trustedProxies: readonly string[];
  readonly aggregation: AggregationConfig;
  readonly operational: OperationalConfig;
  readonly telemetry: TelemetryConfig;
  readonly metadata: Readonly<Record<string, string>>;
  /** Lower-case names of the client's HTTP headers that go on to every backend. */
  readonly passthroughHeaders: readonly string[];
  readonly sessionStorage: SessionStorageConfig;
}

/** Where replicas share their sessions. Read at start alone. */
export type SessionStorageConfig =
  | { readonly provider: 'memory' }
  | {
      readonly provider: 'redis';
      readonly host: string;
      readonly port: number;
      readonly db: number;
      readonly keyPrefix: string;
      readonly username?: string;
      /** Present for TLS; `caCertPath` is absolute. */
      readonly tls?: { readonly caCertPath?: string };
      /** What becomes of a call whose rate limits cannot be checked: `open` lets it pass. */
      readonly onStoreFailure: 'open' | 'closed';
    };

export type BackendConfig = StdioBackendConfig | HttpBackendConfig;

interface CommonBackendConfig {
  /** Unique among backends; the `{workload}` of tool prefixes. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Whether it is connected at start, or when a client first needs it. */
  readonly connection: 'eager' | 'lazy';
  /** Of one attempt to start and connect it. 60 s for a process, else 30 s, when not given. */
  readonly startTimeoutMs?: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A backend that runs as a child process and speaks MCP on its standard streams. */
export interface StdioBackendConfig extends CommonBackendConfig {
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the few harmless variables that children inherit. May hold secrets: never printed. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. The configuration file's own folder unless the file says otherwise. */
  readonly cwd: string;
}

/** A backend reached over HTTP. */
export interface HttpBackendConfig extends CommonBackendConfig {
  readonly transport: 'streamable-http' | 'sse';
  /** May hold credentials: never printed whole. */
  readonly url: string;
  /** ToolHive's workload type: `entry` for a remote server without a proxy of its own. */
  readonly type?: 'entry';
  /** Absolute path of PEM certificates trusted beside the system's. */
  readonly caBundlePath?: string;
  /** Absolute paths of PEM files: as whom the gateway comes, where the backend asks for a certificate. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** The HTTP proxy on the way to it, whether the backend or the environment names it; absent for a direct way. */
  readonly proxy?: ProxyConfig;
  /** Sent with every request, by lower-case name. May hold secrets: never printed. */
  readonly headers: Readonly<Record<string, string>>;
  /** What `oauth` or `outgoingAuth` says of this backend. */
  readonly strategy: StrategyConfig;
}

export interface ProxyConfig {
  /** May hold credentials: never printed whole. */
  readonly url: string;
  /** The key or the environment variable that names it. */
  readonly from: string;
}

/** How a backend is told who calls. */
export type StrategyConfig =
  { readonly type: 'unauthenticated' } | HeaderInjectionConfig | ExchangeStrategyConfig | LoginConfig;

/** A token that somebody logged in for (`backends[].oauth`). */
export interface LoginConfig {
  readonly type: 'oauth';
  /** The `name` of the configuration: logins are kept under it. */
  readonly server: string;
  /** Those that the backend asks for, when empty. */
  readonly scopes: readonly string[];
  readonly clientId?: string;
  /** Never printed. */
  readonly clientSecret?: string;
  /** Where authorization servers can look up this server. */
  readonly clientMetadataUrl?: string;
  /** Whether what the backend names may have an address of a private network. */
  readonly allowPrivateIp: boolean;
}

/** A strategy that asks a provider for tokens. */
export type ExchangeStrategyConfig = ClientCredentialsConfig | TokenExchangeConfig | XaaConfig;

/** The gateway's own token. */
export interface ClientCredentialsConfig {
  readonly type: 'client_credentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Also where an environment variable holds it. Never printed. */
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly audience?: string;
  readonly resource?: string;
}

/** For each caller's own token, one for the backend (RFC 8693). */
export interface TokenExchangeConfig {
  readonly type: 'token_exchange';
  readonly tokenUrl: string;
  readonly clientId?: string;
  /** Never printed. */
  readonly clientSecret?: string;
  readonly audience?: string;
  readonly scopes: readonly string[];
  /** A whole URN. */
  readonly subjectTokenType: string;
}

/** The same in two steps, where the backend has an authorization server of its own (ID-JAG). */
export interface XaaConfig {
  readonly type: 'xaa';
  readonly idpTokenUrl: string;
  readonly idpClientId?: string;
  /** Never printed. */
  readonly idpClientSecret?: string;
  readonly targetTokenUrl: string;
  readonly targetClientId?: string;
  /** Never printed. */
  readonly targetClientSecret?: string;
  readonly targetAudience: string;
  readonly targetResource: string;
  readonly scopes: readonly string[];
  /** A whole URN. */
  readonly subjectTokenType: string;
}

export interface HeaderInjectionConfig {
  readonly type: 'header_injection';
  /** Lower-case. */
  readonly headerName: string;
  /** The value, also where an environment variable holds it. Never printed. Absent with `headerValueFile`. */
  readonly headerValue?: string;
  /** Absolute path of the file that holds the value. */
  readonly headerValueFile?: string;
}

export interface AggregationConfig {
  readonly conflictResolution: 'prefix' | 'priority' | 'manual';
  readonly conflictResolutionConfig: {
    /** `{workload}` stands for the backend's name. */
    readonly prefixFormat: string;
    readonly priorityOrder: readonly string[];
  };
  readonly tools: readonly WorkloadToolsConfig[];
  readonly excludeAllTools: boolean;
  /** Whether a backend without an entry in `tools` shows its tools. */
  readonly defaultToolVisibility: 'allow' | 'deny';
}

/** How the tools of one backend (`workload`) appear. */
export interface WorkloadToolsConfig {
  readonly workload: string;
  /** Names to show; undefined shows all. */
  readonly filter?: readonly string[];
  /** By the backend's own name of a tool. */
  readonly overrides: Readonly<Record<string, ToolOverrideConfig>>;
  readonly excludeAll: boolean;
}

export interface ToolOverrideConfig {
  readonly name?: string;
  readonly description?: string;
  readonly annotations?: ToolAnnotationsConfig;
}

export interface ToolAnnotationsConfig {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface OperationalConfig {
  readonly logLevel: LogLevel;
  readonly timeouts: {
    readonly defaultMs: number;
    /** By backend name; those not named have `defaultMs`. */
    readonly perWorkloadMs: Readonly<Record<string, number>>;
  };
  readonly failureHandling: FailureHandlingConfig;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface FailureHandlingConfig {
  readonly healthCheckIntervalMs: number;
  /** Failures in a row after which a backend counts as unhealthy. */
  readonly unhealthyThreshold: number;
  /** 0 means no limit. */
  readonly healthCheckTimeoutMs: number;
  readonly partialFailureMode: 'fail' | 'best_effort';
  readonly circuitBreaker: {
    readonly enabled: boolean;
    readonly failureThreshold: number;
    readonly timeoutMs: number;
  };
}

export interface TelemetryConfig {
  /** Where OTLP goes, as `host:port` or a URL. With it, tracing or metrics is on. */
  readonly endpoint?: string;
  readonly serviceName?: string;
  readonly serviceVersion?: string;
  readonly tracingEnabled: boolean;
  readonly metricsEnabled: boolean;
  /** Share of traces kept, 0 to 1. */
  readonly samplingRate: number;
  /** Sent to the OTLP endpoint. May hold secrets: never printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure: boolean;
  readonly enablePrometheusMetricsPath: boolean;
  /** A second listener for `/metrics`; absent means none. */
  readonly prometheusPort?: number;
  readonly metricsOnTransportPort: boolean;
  readonly environmentVariables: readonly string[];
  readonly customAttributes: Readonly<Record<string, string>>;
  readonly useLegacyAttributes: boolean;
  /** Absolute. */
  readonly caCertPath?: string;
}
