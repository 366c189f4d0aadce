/** What comes of a program about branches, and how it can fail. */

export type Json = null | number | string | boolean | readonly Json[] | { readonly [key: string]: Json };

/** What came of a program: its effects in order, and its value as JSON or its error. */
export interface Trace {
  readonly effects: readonly string[];
  readonly outcome: string;
}

/** The language's own messages, which are not what this is about. */
export interface Messages {
  readonly steps: string;
  readonly memory: string;
  readonly print: string;
  /** Of a run that may have 5 calls within calls. */
  readonly depth: string;
  /** Of a function that calls itself, where recursion is off. */
  readonly recursion: string;
  /** Changing a list that a loop goes through. */
  readonly locked: string;
}

export class Failure extends Error {
  readonly code: string;
  /** Whether `attempt` catches it. */
  readonly catchable: boolean;

  constructor(code: string, message: string, catchable = true) {
    super(message);
    this.code = code;
    this.catchable = catchable;
  }
}

export type Result =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: Failure };

export const nothing: Result = { ok: true, value: null };

/** What all prints of a program together may take. */
export const maxPrintBytes = 1000;
