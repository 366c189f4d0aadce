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
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts the environment's values in the place of `${NAME}`. `$${` stands for a literal `${`; a lone `$` is itself.
 * What a variable holds is not searched for references again.
 */
export function substitute(text: string, environment: Environment): Substitution {
  const used: string[] = [];
  const faults: string[] = [];
  const replaced = text.replace(
    reference,
    (whole: string, name: string | undefined, end: string | undefined) => {
      if (name === undefined) return '${';
      if (end === '' || !variableName.test(name)) {
        faults.push('expected the name of an environment variable in "${…}"; write "$${" for a literal "${"');
        return whole;
      }
      const value = environment[name];
      if (value === undefined) faults.push(`the environment variable ${name} is not set`);
      else used.push(name);
      return value ?? '';
    },
  );
  return { text: replaced, used, faults };
}
