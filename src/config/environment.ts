/** Variables of the environment, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `${…}` in one text came to. */
export interface Substitution {
  readonly text: string;
  /** Variables that were put in. */
  readonly used: readonly string[];
  /** Faults in words: a variable that is not set, a reference that is none. */
  readonly faults: readonly string[];
}

const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts the environment's values in the place of `${NAME}`. In `${NAME:-default}` the default stands for a variable that is
 * not set or empty, as in a shell; it runs to the next `}`. `$${` stands for a literal `${`; a lone `$` is itself.
 * What a variable or a default holds is not searched for references again.
 */
export function substitute(text: string, environment: Environment): Substitution {
  const used: string[] = [];
  const faults: string[] = [];
  const replaced = text.replace(
    reference,
    (whole: string, inside: string | undefined, end: string | undefined) => {
      if (inside === undefined) return '${';
      const [, name, fallback] = variable.exec(inside) ?? [];
      if (end === '' || name === undefined) {
        faults.push('expected the name of an environment variable in "${…}"; write "$${" for a literal "${"');
        return whole;
      }
      const value = environment[name];
      if (fallback !== undefined && (value === undefined || value === '')) return fallback;
      if (value === undefined) faults.push(`the environment variable ${name} is not set`);
      else used.push(name);
      return value ?? '';
    },
  );
  return { text: replaced, used, faults };
}
