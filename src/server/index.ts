/** The composition root: makes a running server of a configuration. The only folder where features, protocol and configuration meet. */
export { AppError } from './app-error.ts';
export { createOwnClient, type CallOptions } from './own-client.ts';
export { startApp } from './app.ts';
export type { App, AppOptions } from './app.ts';
export { checkFeatures } from './check-features.ts';
export { configReader } from './config.ts';
export type { Config, LoadedConfig } from './config.ts';
export { isReadAtStart } from './changes.ts';
export type { LogEntry, LogLevel } from './log.ts';
export type { AppStatus } from './status.ts';
export type { BackendStatus, Tool, ToolResult } from '../gateway/index.ts';
export type { JsonObject, JsonValue } from '../protocol/index.ts';
export { RunningChildren } from '../mcp/client/index.ts';
export { probeBackend, type BackendProbe } from './probe-backend.ts';
export { checkScript, describeTool, openConfig, openServer } from './tool-source.ts';
export type { ScriptCheck, ToolDescription, ToolParameter, ToolSource } from './tool-source.ts';
