/** The composition root: makes a running server of a configuration. The only folder where features, protocol and configuration meet. */
export { AppError } from './app-error.ts';
export { startApp } from './app.ts';
export type { App, AppOptions } from './app.ts';
export { configReader } from './config.ts';
export type { Config, LoadedConfig } from './config.ts';
