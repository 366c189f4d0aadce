/**
 * What a server is configured by: the text of a file, and the backends that were found beside it. Either may change; each
 * time both are read together. A backend that does not fit is left out, and costs the others nothing.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Environment, type FoundBackends } from '../config/index.ts';
import type { FoundBackend, FoundGroup, SkippedBackend } from '../discovery/index.ts';
import { shortestSecret } from '../lib/redact.ts';
import { messageOf } from '../lib/thrown.ts';
import { AppError } from './app-error.ts';
import { configReader, type LoadedConfig } from './config.ts';

export interface FollowedConfigOptions {
  readonly file: string;
  readonly environment: Environment;
}

export class FollowedConfig {
  readonly #options: FollowedConfigOptions;
  readonly #group: string | undefined;
  #text: string;
  #found: readonly FoundBackend[] = [];
  #refused: readonly SkippedBackend[] = [];
  /** Of files with certificates that were found; made when there are some. */
  #folder: string | undefined;
  /** The text as it was read first. */
  readonly first: LoadedConfig;

  /** @throws ConfigError */
  constructor(text: string, options: FollowedConfigOptions) {
    this.#options = options;
    this.#text = text;
    this.first = this.#parse(text, []);
    this.#group = this.first.config.discovery?.group;
  }

  /** Backends that were found and do not fit, as of the last reading. */
  get refused(): readonly SkippedBackend[] {
    return this.#refused;
  }

  /**
   * Another text of the file. One that is not sound is not kept.
   * @throws ConfigError; AppError where it looks for another group
   */
  withText(text: string): LoadedConfig {
    const loaded = this.#read(text, this.#found);
    const group = loaded.config.discovery?.group;
    if (group !== this.#group)
      throw new AppError(
        'cannot_prepare',
        `the server looks for backends of ${nameOfGroup(this.#group)}, and the configuration now asks for ` +
          `${nameOfGroup(group)}: restart it to change "groupRef" or "outgoingAuth.source"`,
      );
    this.#text = text;
    return loaded;
  }

  /** Other backends beside the file's. */
  withFound({ backends }: FoundGroup): LoadedConfig {
    this.#found = backends;
    return this.#read(this.#text, backends);
  }

  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(text: string, found: readonly FoundBackend[]): LoadedConfig {
    const refused: SkippedBackend[] = [];
    const kept = found.filter((backend) => {
      const reason = this.#faultOf(text, backend);
      if (reason !== undefined) refused.push({ name: backend.name, kind: backend.kind, reason });
      return reason === undefined;
    });
    const loaded = this.#parse(text, kept);
    this.#refused = refused;
    return loaded;
  }

  /** Tried with the file alone, so that what is said is about this one. A file with faults of its own is told as such. */
  #faultOf(text: string, backend: FoundBackend): string | undefined {
    try {
      this.#parse(text, [backend]);
      return undefined;
    } catch (error) {
      this.#parse(text, []);
      return error instanceof ConfigError
        ? error.problems
            .flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
            .join('; ')
        : messageOf(error);
    }
  }

  #parse(text: string, found: readonly FoundBackend[]): LoadedConfig {
    return configReader.parse(text, {
      ...this.#options,
      found: found.length === 0 ? undefined : this.#toFile(found),
    });
  }

  #toFile(found: readonly FoundBackend[]): FoundBackends {
    return {
      backends: found.map(({ entry, caBundle }) =>
        caBundle === undefined ? entry : { ...entry, caBundlePath: this.#fileOf(caBundle) },
      ),
      strategies: Object.fromEntries(
        found.flatMap(({ name, strategy }) => (strategy === undefined ? [] : [[name, strategy]])),
      ),
      secrets: found.flatMap(({ secrets }) => secrets).filter(({ length }) => length >= shortestSecret),
    };
  }

  /** Named for what it holds: other certificates make another backend, as another file would. */
  #fileOf(pem: string): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'vmcp-'));
    const path = join(this.#folder, `${createHash('sha256').update(pem).digest('hex').slice(0, 32)}.pem`);
    writeFileSync(path, pem, { mode: 0o600 });
    return path;
  }
}

function nameOfGroup(group: string | undefined): string {
  return group === undefined ? 'no group' : `the group "${group}"`;
}
