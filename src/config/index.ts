/**
 * Configuration: YAML text to a typed, frozen `Config`, and a watch on the file it came from. A file is sound or it is
 * not: every problem is reported at once, each with its line and column, and none is worked around. What is in a Config is
 * explained in `config.ts`; the keys of the file are declared in `schema/`. Nothing else in the program reads YAML, and
 * no feature reads a Config: `server` hands each one its own options.
 */
export type {
  AggregationConfig,
  BackendConfig,
  BaseConfig,
  FailureHandlingConfig,
  HttpBackendConfig,
  LogLevel,
  StdioBackendConfig,
  TelemetryConfig,
} from './schema/config.ts';
export type { Environment } from './environment.ts';
export { type ConfigFingerprints, fingerprintsOf, keysOf } from './fingerprint.ts';
export type { FoundBackends } from './found.ts';
export {
  createConfigReader,
  readConfigText,
  type ConfigReader,
  type LoadedConfig,
  type ParseOptions,
} from './load.ts';
export { ConfigError, formatProblem, type Problem } from './problem.ts';
export { parseGoDuration } from './kit/duration.ts';
export { type BackendEntry, type NewConfig, schemaLine, writeConfig } from './write.ts';
export { editYamlMember, parseYaml, parseYamlDocuments } from './yaml-text.ts';
export { type ConfigWatch, watchFile, type WatchOptions } from './watch.ts';
