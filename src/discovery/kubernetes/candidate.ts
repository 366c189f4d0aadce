import type { DataRef, Looked } from './named-data.ts';

/** A backend, in the words of a configuration file. */
export interface FoundBackend {
  readonly name: string;
  /** The kind of object that it was found by. */
  readonly kind: string;
  /** An entry of `backends`. */
  readonly entry: object;
  /** An entry of `outgoingAuth.backends`. */
  readonly strategy?: object;
  /** Values in these that must never be shown. */
  readonly secrets: readonly string[];
  /** PEM certificates to trust, which the entry is to name a file of. */
  readonly caBundle?: string;
}

/** An object of the group that is no backend yet, and why. */
export interface SkippedBackend {
  readonly name: string;
  readonly kind: string;
  readonly reason: string;
}

/** Looks references up, and keeps what it has shown of Secrets. */
export class Lookup {
  readonly #find: (ref: DataRef) => Looked;
  readonly secrets: string[] = [];

  constructor(find: (ref: DataRef) => Looked) {
    this.#find = find;
  }

  /** @throws Skip where it is not there */
  secret(name: string, key: string): string {
    const value = this.#text({ resource: 'secrets', name, key }).replace(/\r?\n$/, '');
    this.secrets.push(value);
    return value;
  }

  /** @throws Skip where it is not there */
  configMap(name: string, key: string): string {
    return this.#text({ resource: 'configmaps', name, key });
  }

  #text(ref: DataRef): string {
    const looked = this.#find(ref);
    if ('missing' in looked) throw new Skip(looked.missing);
    return looked.text;
  }
}

/** Why an object is no backend. */
export class Skip extends Error {}
