/** Where in the file something stands; both count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One fault or doubt about a configuration file. `message` never holds a secret. */
export interface Problem extends Place {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Every problem of one file that has at least one error: nothing of it may be used. */
export class ConfigError extends Error {
  readonly code = 'invalid_config';
  readonly file: string;
  /** In the order of the file; warnings among them. Never empty. */
  readonly problems: readonly Problem[];
  constructor(file: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => formatProblem(file, problem)).join('\n'), options);
    this.name = 'ConfigError';
    this.file = file;
    this.problems = problems;
  }
}

/** `vmcp.yaml:12:5: unknown key …`, as compilers write it and editors jump to it. */
export function formatProblem(file: string, problem: Problem): string {
  const mark = problem.severity === 'warning' ? 'warning: ' : '';
  return `${file}:${problem.line}:${problem.column}: ${mark}${problem.message}`;
}
