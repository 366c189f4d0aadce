/** Environment variables that a new configuration refers to, and which value each stands for. */
export class VariableNames {
  readonly #values = new Map<string, string | undefined>();

  /**
   * A reference to a variable that holds `value`. The wanted name is taken if it is free or holds the same value, else
   * one with the server's name before it, or a number behind.
   */
  refer(wanted: string, server: string, value: string | undefined): string {
    const prefix = `${toVariableName(server).toUpperCase()}_`;
    const own = wanted.startsWith(prefix) ? wanted : `${prefix}${wanted}`;
    for (let attempt = 0; ; attempt++) {
      const name = toVariableName(attempt === 0 ? wanted : attempt === 1 ? own : `${own}_${attempt}`);
      if (this.#values.has(name) && this.#values.get(name) !== value) continue;
      this.#values.set(name, value);
      return `\${${name}}`;
    }
  }

  get all(): readonly string[] {
    return [...this.#values.keys()].toSorted();
  }
}

/** `my server` to `MY_SERVER`; a name that is fit for a variable stays as it is. */
export function toVariableName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  const name = text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return /^[0-9]/.test(name) ? `_${name}` : name || '_';
}
