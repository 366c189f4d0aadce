/** Backends that the file does not list: found elsewhere, and put into its tree before anything is checked. */
import type { ConfigDocument } from './document.ts';
import { entriesOf, itemsOf, valueAt } from './tree.ts';

/** Plain values, as a file would have them. */
export interface FoundBackends {
  /** Entries of `backends`. One whose name the file has is left out: the file wins. */
  readonly backends: readonly object[];
  /** Entries of `outgoingAuth.backends`, by backend name. One that the file has wins. */
  readonly strategies: Readonly<Record<string, object>>;
  /** Values in these that must never be shown. */
  readonly secrets: readonly string[];
}

/** The document with what was found behind what it lists. Problems of what was found are placed at the list's key. */
export function withFound(document: ConfigDocument, { backends, strategies }: FoundBackends): ConfigDocument {
  const { root } = document;
  if (typeof root !== 'object' || root === null) return document;
  const written = itemsOf(valueAt(root, ['backends']));
  const names = new Set(written.map((backend) => valueAt(backend, ['name'])));
  const added = backends.filter((backend) => !names.has(valueAt(backend, ['name'])));
  const addedNames = new Set(added.map((backend) => valueAt(backend, ['name'])));
  // A credential that was found goes to the backend that was found with it, and to no other of the same name.
  const own = Object.entries(strategies).filter(([name]) => addedNames.has(name));
  const listed = Object.fromEntries(entriesOf(valueAt(root, ['outgoingAuth', 'backends'])));
  return {
    ...document,
    root: {
      ...root,
      backends: [...written, ...added],
      outgoingAuth: {
        ...Object.fromEntries(entriesOf(valueAt(root, ['outgoingAuth']))),
        backends: { ...Object.fromEntries(own), ...listed },
      },
    },
  };
}
