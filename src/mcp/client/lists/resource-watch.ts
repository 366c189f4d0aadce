/** Which client sessions watch which resources: the backend is asked once for each, however many watch it. */
export class ResourceWatch {
  readonly #watchers = new Map<string, Set<string>>();

  /** All that is watched by anybody. */
  uris(): string[] {
    return [...this.#watchers.keys()];
  }

  add(uri: string, sessionId: string): void {
    const watchers = this.#watchers.get(uri);
    if (watchers === undefined) this.#watchers.set(uri, new Set([sessionId]));
    else watchers.add(sessionId);
  }

  /** Returns true when nobody watches the resource any longer. */
  remove(uri: string, sessionId: string): boolean {
    const watchers = this.#watchers.get(uri);
    if (watchers?.delete(sessionId) !== true || watchers.size > 0) return false;
    this.#watchers.delete(uri);
    return true;
  }

  /** Forgets a session; returns what nobody watches any longer. */
  removeSession(sessionId: string): string[] {
    return this.uris().filter((uri) => this.remove(uri, sessionId));
  }
}
