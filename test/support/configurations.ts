import assert from 'node:assert/strict';
import { configReader, type Config, type LoadedConfig } from '../../src/server/config.ts';
import { ConfigError, formatProblem } from '../../src/config/problem.ts';

/** A sound `backends`, as one line. */
export const one: string =
  'backends: [{name: one, transport: streamable-http, url: "http://localhost:1/mcp"}]';

/** Reads a configuration as if it were `/etc/vmcp/vmcp.yaml`. */
export function load(text: string, environment: Record<string, string> = {}): LoadedConfig {
  return configReader.parse(text, { file: '/etc/vmcp/vmcp.yaml', environment });
}

/** A sound configuration. */
export function config(text: string, environment: Record<string, string> = {}): Config {
  return load(text, environment).config;
}

/** What is wrong with a text, or doubtful about it, as `line:column: message`. */
export function problems(text: string, environment: Record<string, string> = {}): string[] {
  try {
    return load(text, environment).warnings.map(toLine);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(toLine);
  }
}

/** A problem without its file. */
export function toLine(problem: ConfigError['problems'][number]): string {
  return formatProblem('', problem).slice(1);
}
