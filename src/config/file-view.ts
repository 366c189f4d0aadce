import { didYouMean } from '../lib/near-miss.ts';
import type { ConfigDocument, Path } from './document.ts';
import type { Environment } from './environment.ts';
import { pathText, unknownKey } from './faults.ts';
import type { Problem } from './problem.ts';
import { itemsOf, valueAt } from './tree.ts';

/** A rule between keys: it adds what it finds to the view's problems. */
export type Rule = (file: FileView) => void;

/** What a file refers to beside itself. */
export interface FileSurroundings {
  readonly environment: Environment;
  /** Where relative paths start. */
  readonly folder: string;
}

/** The tree with short names for what rules ask of it, and the list that they add to. */
export class FileView {
  readonly problems: Problem[] = [];
  readonly backendNames: readonly string[];
  readonly surroundings: FileSurroundings;
  readonly #document: ConfigDocument;

  constructor(document: ConfigDocument, surroundings: FileSurroundings) {
    this.#document = document;
    this.surroundings = surroundings;
    this.backendNames = this.items('backends').flatMap((_, index) => {
      const name = this.at('backends', index, 'name');
      return typeof name === 'string' ? [name] : [];
    });
  }

  /** Whether backends come from the Kubernetes API too, so that no list of names is whole. */
  get isDiscovered(): boolean {
    return this.at('outgoingAuth', 'source') === 'discovered';
  }

  at(...path: Path): unknown {
    return valueAt(this.#document.root, path);
  }

  items(...path: Path): readonly unknown[] {
    return itemsOf(this.at(...path));
  }

  /** ToolHive reads an empty text as if the key were absent; rules do as well. */
  says(...path: Path): boolean {
    const value = this.at(...path);
    return value !== undefined && value !== '';
  }

  lineOf(path: Path): number {
    return this.#document.placeOf(path).line;
  }

  error(path: Path, message: string): void {
    this.problems.push({ severity: 'error', ...this.#document.placeOf(path), message });
  }

  errorAtKey(path: Path, message: string): void {
    this.problems.push({ severity: 'error', ...this.#document.placeOfKey(path), message });
  }

  unknownKey(key: string, owner: Path, known: readonly string[]): void {
    this.problems.push(unknownKey(key, owner, known, this.#document));
  }

  warn(path: Path, message: string): void {
    this.problems.push({ severity: 'warning', ...this.#document.placeOfKey(path), message });
  }

  /** A name that no backend has is legal in ToolHive, where backends come and go; here it is most likely a slip. */
  expectBackend(path: Path, name: unknown): void {
    if (typeof name !== 'string' || this.isDiscovered) return;
    if (this.backendNames.length === 0 || this.backendNames.includes(name)) return;
    this.warn(
      path,
      `${pathText(path)}: no backend is called "${name}".${didYouMean(name, this.backendNames)}`,
    );
  }
}
