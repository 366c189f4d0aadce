/** The dialect of a file: what it may use beyond the plain specification. */
export interface FileOptions {
  /** The built-in function `set`. */
  readonly set: boolean;
  /** `while` loops. */
  readonly while: boolean;
  /** Functions that call themselves, directly or through others. */
  readonly recursion: boolean;
  /** `if`, `for` and `while` outside of functions. */
  readonly toplevelControl: boolean;
  /** Assigning to a global more than once. */
  readonly globalReassign: boolean;
  /** `return` outside of functions, which ends the program and is its value. */
  readonly topLevelReturn: boolean;
  /** f-strings. */
  readonly fStrings: boolean;
  /** The commonest of Python that Starlark has not: `is None`, `a < b < c`, `{1, 2}`, `sum(x for x in xs)`. */
  readonly python: boolean;
}

/** The plain specification. */
export const specOptions: FileOptions = {
  set: false,
  while: false,
  recursion: false,
  toplevelControl: false,
  globalReassign: false,
  topLevelReturn: false,
  fStrings: false,
  python: false,
};

/** What code mode's scripts may use: everything. The host bounds steps and calls, so that nothing runs without end. */
export const scriptOptions: FileOptions = {
  set: true,
  while: true,
  recursion: true,
  toplevelControl: true,
  globalReassign: true,
  topLevelReturn: true,
  fStrings: true,
  python: true,
};
