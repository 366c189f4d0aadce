/**
 * Configuration: YAML text to a typed, frozen `Config`, and a watch on the file it came from. A file is sound or it is
 * not: every problem is reported at once, each with its line and column, and none is worked around. What is in a Config is
 * explained in `config.ts`; the keys of the file are declared in `schema/`. Nothing else in the program reads YAML, and
 * no feature reads a Config: `app.ts` hands each one its own options.
 */
export type {
  AggregationConfig,
  BackendConfig,
  CodeModeConfig,
  Config,
  FailureHandlingConfig,
  HttpBackendConfig,
  LogLevel,
  StdioBackendConfig,
  TelemetryConfig,
} from './schema/config.ts';
export type { Environment } from './environment.ts';
export { loadConfig, parseConfig, readConfigText, type LoadedConfig } from './load.ts';
export { ConfigError, formatProblem, type Problem } from './problem.ts';
export { parseGoDuration } from './schema/duration.ts';
export { type BackendEntry, type NewConfig, writeConfig } from './write.ts';
export { type ConfigWatch, watchFile, type WatchOptions } from './watch.ts';
