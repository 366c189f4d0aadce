/**
 * Guesses what must not be shown or written down. When in doubt a value is taken for a secret: a needless mark costs a
 * glance, and a leaked token costs more.
 */

const secretName =
  /token|secret|passw|pwd|api_?key|access_?key|private|credential|auth|bearer|cookie|session|signature|dsn|conn(ection)?_?str|_key$|^key$|_pat$|^pat$/i;

/** Forms that tokens of known services have. */
const tokenForm =
  /^(?:gh[a-z]_|github_pat_|glpat-|sk-|pk-|rk_|xox[a-z]-|AKIA|AIza|eyJ|ya29\.|npm_|hf_|dop_v1_|vmcp_|Bearer |Basic )/;

/** Long and without meaning: letters of both cases with digits among them, or hexadecimal. */
const longWord = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_=-]{20,}$|^[0-9a-f]{32,}$/;

/** A switch, a number, a short word: nothing that could be a secret. */
const harmless = /^(?:true|false|yes|no|on|off|[\d.,:]{1,8}|[A-Za-z][A-Za-z_.-]{0,15})?$/i;

/** Whether the value of a variable of this name is to be kept secret. */
export function isSecret(name: string, value: string): boolean {
  if (value === '') return false;
  if (isSecretName(name) || tokenForm.test(value)) return true;
  return !harmless.test(value) && !isPath(value) && !isPlainUrl(value);
}

/** Whether a text is a secret by its own looks. */
export function looksSecret(value: string): boolean {
  return tokenForm.test(value) || (longWord.test(value) && !isPath(value));
}

/** Whether a variable, an option or a query parameter of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replaceAll('-', '_'));
}

function isPath(value: string): boolean {
  return /^(?:~|\.{1,2})?[/\\][^\s]*$|^[A-Za-z]:[/\\]/.test(value);
}

function isPlainUrl(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { username, password, search } = new URL(value);
  return username === '' && password === '' && search === '';
}
