/** Tries every expression with values of every kind, and says which hold the thread for too long or pay too little. */
import type { Program, Value } from '../../../src/starlark/index.ts';
import { allExpressions, type Expression } from './expressions.ts';
import { hold, type Held, type Limits, type Place, programOf } from './hold.ts';
import { pace } from './pace.ts';
import { kinds, madeByProgram, type Make } from './values.ts';

export interface Trial {
  /** What the values are that are tried, by name: as the first of an expression, and as its second. */
  readonly firsts: readonly string[];
  readonly seconds: readonly string[];
  /** What each takes, by the documented estimate. */
  readonly firstBytes: number;
  readonly secondBytes: number;
  readonly place: Place;
  readonly limits: Limits;
  /** Milliseconds that the thread may be held in one go; this and the next on the machine that costs were measured on. */
  readonly maxHoldMs: number;
  /** Milliseconds that need not be paid for. */
  readonly unpaidMs: number;
  /** How often something is tried again that took too long: another program may have had the processor. */
  readonly tries: number;
}

/** What an element, and a step, may take at the most. */
const msPerElement = 40e-6;
const msPerStep = 1e-3;

/** All kinds there are. */
export async function allKinds(): Promise<readonly string[]> {
  return Object.keys({ ...kinds, ...(await madeByProgram()) });
}

/**
 * @param complain told of each expression that fails the trial, in words
 * @returns how many were tried
 */
export async function tryAll(trial: Trial, complain: (complaint: string) => void): Promise<number> {
  const makes = { ...kinds, ...(await madeByProgram()) };
  const programs = new Map<string, Program>();
  for (const { text } of allExpressions()) programs.set(text, programOf(text, trial.place));
  let tried = 0;
  for (const first of trial.firsts) {
    const makeFirst = (): Value => makes[first]!(trial.firstBytes);
    let x = makeFirst();
    for (const [at, second] of trial.seconds.entries()) {
      const makeSecond = (): Value => makes[second]!(trial.secondBytes);
      let y = makeSecond();
      for (const expression of allExpressions()) {
        if (!applies(expression, x, at === 0)) continue;
        const sizes = [sizeOf(x), sizeOf(y)];
        const program = programs.get(expression.text)!;
        const found = await best(program, x, y, trial);
        tried++;
        const fault = faultOf(found, trial);
        if (fault !== undefined && (await growsWithout(program, makes[first]!, y, trial, found)))
          complain(`${expression.text.trim()}, x: ${first}, y: ${second}, ${trial.place}: ${fault}`);
        if (sizeOf(x) !== sizes[0]) x = makeFirst();
        if (sizeOf(y) !== sizes[1]) y = makeSecond();
      }
    }
  }
  return tried;
}

/** A method is tried with values of its own type, and what takes no second value is tried once. */
function applies({ type, takesTwo }: Expression, x: Value, isFirst: boolean): boolean {
  if (!takesTwo && !isFirst) return false;
  return type === undefined || type === typeOf(x);
}

function typeOf(value: Value): string | undefined {
  if (typeof value === 'string') return 'string';
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}

/** What changes when a value was changed. */
function sizeOf(value: Value): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('elems' in value) return (value.elems as readonly Value[]).length;
  return 'size' in value ? value.size : undefined;
}

/** What was found, and how many times as long as where costs were measured work took beside it. */
export interface Found extends Held {
  readonly pace: number;
}

/** The best of several tries, or the first that is well. The first is held against a machine as quick as can be. */
export async function best(program: Program, x: Value, y: Value, trial: Trial): Promise<Found> {
  let found: Found = { ...(await hold(program, x, y, trial.limits)), pace: 1 };
  for (let more = trial.tries - 1; more > 0 && faultOf(found, trial) !== undefined; more--) {
    const next = { ...(await hold(program, x, y, trial.limits)), pace: pace() };
    if (overdue(next) < overdue(found)) found = next;
  }
  return found;
}

/** How much larger the value is that is tried next where one was found to pay too little. */
const larger = 4;

/**
 * Whether what is not paid for grows with the first value. What stays the same, a collection of garbage or compiling, is
 * no fault of the expression's; what holds the thread for too long is, at any size.
 */
async function growsWithout(
  program: Program,
  make: Make,
  y: Value,
  trial: Trial,
  small: Found,
): Promise<boolean> {
  if (isHeld(small, trial)) return true;
  const x = make(larger * trial.firstBytes);
  const found = await best(program, x, y, { ...trial, unpaidMs: (larger / 2) * trial.unpaidMs });
  return faultOf(found, trial) !== undefined && overdue(found) > (larger / 2) * overdue(small);
}

/** Milliseconds beyond what was paid for, on the machine that costs were measured on. */
function overdue({ totalMs, worked, steps, pace }: Found): number {
  return totalMs / pace - worked * msPerElement - steps * msPerStep;
}

function isHeld({ longestMs, collectingMs, pace }: Found, { maxHoldMs }: Trial): boolean {
  return (longestMs - collectingMs) / pace > maxHoldMs;
}

/** What is wrong with what was found; undefined when it is well. */
export function faultOf(found: Found, trial: Trial): string | undefined {
  const { longestMs, totalMs, collectingMs, worked, steps, code, message, pace } = found;
  const slow = pace > 1 ? `, at ${pace.toFixed(1)} times the usual time` : '';
  const ended = slow + (code === undefined ? '' : `, ended in ${code}: ${message}`);
  if (code === 'internal') return message;
  if (isHeld(found, trial)) {
    const collecting = collectingMs > 1 ? `, V8 collecting for ${collectingMs.toFixed(1)}` : '';
    return `held the thread for ${longestMs.toFixed(1)} ms${collecting}${ended}`;
  }
  if (overdue(found) <= trial.unpaidMs) return undefined;
  return `took ${totalMs.toFixed(1)} ms and paid for ${Math.round(worked)} elements and ${steps} steps${ended}`;
}
