/**
 * The one error class of the interpreter, for every stage from the scanner to a host call.
 *
 * Library code throws `new StarlarkError(code, message)` and nothing more; where it happened (the innermost
 * span, then one frame per active call) is filled in while the error passes through the running functions.
 */

/** Closed set of reasons. `attempt` catches neither `internal`, a defect, nor the limits and cancellation at the end. */
export type StarlarkErrorCode =
  | 'syntax'
  | 'resolve'
  | 'type'
  | 'value'
  | 'key'
  | 'index'
  | 'attribute'
  | 'arguments'
  | 'unbound'
  | 'zero_division'
  | 'frozen'
  | 'iterating'
  | 'recursion'
  | 'fail'
  | 'load'
  | 'host'
  | 'internal'
  | 'step_limit'
  | 'depth_limit'
  | 'memory_limit'
  | 'print_limit'
  | 'cancelled';

/** A stretch of source text. Lines and columns count from 1, columns in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One active call when an error happened: the function's name, where in it the program was, and that line's text. */
export interface Frame {
  readonly name: string;
  readonly span: Span;
  readonly sourceLine: string;
}

/** A frame that is worked out only when somebody asks. */
export interface Leaving {
  readonly name: string;
  /** Null for a built-in function, which has no place; `start` and `end` are 0 then. */
  readonly source: { span(start: number, end: number): Span; line(number: number): string } | null;
  readonly start: number;
  readonly end: number;
}

/** One problem found before running: several are reported together. */
export interface Diagnostic {
  readonly code: 'syntax' | 'resolve';
  readonly message: string;
  readonly span: Span;
  readonly sourceLine: string;
}

const uncatchable: ReadonlySet<StarlarkErrorCode> = new Set([
  'internal',
  'step_limit',
  'depth_limit',
  'memory_limit',
  'print_limit',
  'cancelled',
]);

/** Of more calls than these together, a traceback shows so many outer and so many inner ones. */
const [outerCalls, innerCalls] = [4, 12];

/** The calls that an error left, the innermost first, as a traceback has them. */
function formatCalls(left: readonly Leaving[]): string {
  const more = left.length - outerCalls - innerCalls;
  if (more <= 1) return left.map(formatCall).reverse().join('');
  const inner = left.slice(0, innerCalls).map(formatCall).reverse().join('');
  const outer = left.slice(-outerCalls).map(formatCall).reverse().join('');
  return `${outer}  … ${more} more calls …\n${inner}`;
}

/** What every failing script, and every refused program, ends in. `message` holds no position; `format()` does. */
export class StarlarkError extends Error {
  readonly code: StarlarkErrorCode;
  /** The built-in function that failed, if it was one. Set once, by whatever called it. */
  origin: string | null = null;
  /** For a limit: that one operation would have held up everything else, however many steps or bytes are left. */
  readonly inOneGo: boolean;
  /** Innermost call first: they are added while the error passes through the calls. */
  readonly #left: Leaving[] = [];
  /** Every problem found before running, in source order; empty for errors of a running program. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: StarlarkErrorCode,
    message: string,
    details: { diagnostics?: readonly Diagnostic[]; cause?: unknown; inOneGo?: boolean } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'StarlarkError';
    this.code = code;
    this.diagnostics = details.diagnostics ?? [];
    this.inOneGo = details.inOneGo ?? false;
  }

  /** The script's own calls, outermost first, as a traceback is printed. Empty for errors found before running. */
  get frames(): readonly Frame[] {
    return this.#left.flatMap((call) => toFrame(call) ?? []).reverse();
  }

  /** For the running functions: adds the call that the error is leaving. */
  leave(call: Leaving): void {
    this.#left.push(call);
  }

  /** Whether it has not left any function of the script yet. */
  get isFresh(): boolean {
    return this.#left.length === 0;
  }

  /** Where the error is: the innermost frame, or the first diagnostic. */
  get span(): Span | undefined {
    return this.frames.at(-1)?.span ?? this.diagnostics[0]?.span;
  }

  /** False for limits and cancellation: a script can neither see nor survive them. */
  get catchable(): boolean {
    return !uncatchable.has(this.code);
  }

  /** The whole report: traceback, source line with a caret, message. */
  format(): string {
    if (this.diagnostics.length > 0) return this.diagnostics.map(formatDiagnostic).join('\n');
    const frames = formatCalls(this.#left);
    const heading = frames === '' ? '' : 'Traceback (most recent call last):\n';
    return `${heading}${frames}Error${this.origin === null ? '' : ` in ${this.origin}`}: ${this.message}`;
  }
}

function toFrame({ name, source, start, end }: Leaving): Frame | null {
  if (source === null) return null;
  const span = source.span(start, end);
  return { name, span, sourceLine: source.line(span.line) };
}

function formatDiagnostic({ code, message, span, sourceLine }: Diagnostic): string {
  const kind = code === 'syntax' ? 'syntax error: ' : '';
  return `${span.filename}:${span.line}:${span.column}: ${kind}${message}\n${caretLines(span, sourceLine)}`.trimEnd();
}

function formatCall(call: Leaving): string {
  const frame = toFrame(call);
  if (frame === null) return `  <builtin>: in ${call.name}\n`;
  const { name, span, sourceLine } = frame;
  return `  ${span.filename}:${span.line}:${span.column}: in ${name}\n${caretLines(span, sourceLine)}`;
}

/** A longer line, such as one that holds data, is shown in part: so much of it, and so much before the span. */
const widestLine = 200;
const shownBefore = 80;

/** The source line and a line of carets below the span; tabs are kept so that the carets stay in place. */
function caretLines(span: Span, sourceLine: string): string {
  if (sourceLine.trim() === '') return '';
  const at = span.column - 1;
  const isLong = sourceLine.length > widestLine;
  const from = isLong ? wholeCharacter(sourceLine, Math.max(0, at - shownBefore)) : 0;
  const to = isLong
    ? wholeCharacter(sourceLine, Math.min(sourceLine.length, from + widestLine))
    : sourceLine.length;
  const [left, right] = [from > 0 ? '…' : '', to < sourceLine.length ? '…' : ''];
  const before = (left + sourceLine.slice(from, at)).replace(/[^\t]/g, ' ');
  const end = span.endLine === span.line ? Math.min(span.endColumn - 1, to) : to;
  const width = Math.max(1, end - at);
  return `    ${left}${sourceLine.slice(from, to)}${right}\n    ${before}${'^'.repeat(width)}\n`;
}

/** The offset, or the one before it where it would part a surrogate pair. */
function wholeCharacter(text: string, offset: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(offset)) ? offset - 1 : offset;
}
