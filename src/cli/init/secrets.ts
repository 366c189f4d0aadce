/**
 * Moves secrets out of a client's configuration: a new configuration file names an environment variable instead. When in
 * doubt a value is taken for a secret, since a needless reference costs a line and a leaked token costs more.
 */

/** Environment variables that a new configuration refers to, and which value each stood for. */
export class VariableNames {
  readonly #values = new Map<string, string | undefined>();

  /**
   * A reference to a variable that holds `value`. The wanted name is taken if it is free or holds the same value, else
   * one with the server's name before it.
   */
  refer(wanted: string, server: string, value: string | undefined): string {
    for (let attempt = 0; ; attempt++) {
      const prefix = attempt === 0 ? '' : `${toVariableName(server)}_`;
      const suffix = attempt < 2 ? '' : `_${attempt}`;
      const name = toVariableName(`${prefix}${wanted}${suffix}`);
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

const secretName =
  /token|secret|passw|pwd|api_?key|access_?key|private|credential|auth|bearer|cookie|session|signature|dsn|conn(ection)?_?str|_key$|^key$|_pat$|^pat$/i;

/** Forms that tokens of known services have, and long words without meaning. */
const secretValue =
  /^(?:gh[a-z]_|github_pat_|glpat-|sk-|pk-|rk_|xox[a-z]-|AKIA|AIza|eyJ|ya29\.|npm_|hf_|dop_v1_|Bearer |Basic )|^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{20,}$/;

/** A switch, a number, a short word: nothing that could be a secret. */
const harmless = /^(?:true|false|yes|no|on|off|[\d.,:]{1,8}|[A-Za-z][A-Za-z_.-]{0,15})?$/i;

/** Whether the value of an environment variable must not be written down. */
export function isSecret(name: string, value: string): boolean {
  if (value === '') return false;
  if (secretName.test(name) || looksSecret(value)) return true;
  return !harmless.test(value) && !isPath(value) && !isPlainUrl(value);
}

/** Whether a text is a secret by its own looks. */
export function looksSecret(value: string): boolean {
  return secretValue.test(value);
}

/** Whether an option or a query parameter of this name takes a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replaceAll('-', '_'));
}

function isPath(value: string): boolean {
  return /^(?:~|\.{1,2})?[/\\][^\s]*$|^[A-Za-z]:[/\\]/.test(value) && !looksSecret(value);
}

function isPlainUrl(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { username, password, search } = new URL(value);
  return username === '' && password === '' && search === '';
}
