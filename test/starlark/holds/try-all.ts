/** Tries every expression with values of every kind, and says which hold the thread for too long or pay too little. */
import type { Program, Value } from '../../../src/starlark/index.ts';
import { allExpressions, type Expression } from './expressions.ts';
import { hold, type Held, type Limits, type Place, programOf } from './hold.ts';
import { kinds, madeByProgram } from './values.ts';

export interface Trial {
  /** What the values are that are tried, by name: as the first of an expression, and as its second. */
  readonly firsts: readonly string[];
  readonly seconds: readonly string[];
  /** What each takes, by the documented estimate. */
  readonly firstBytes: number;
  readonly secondBytes: number;
  readonly place: Place;
  readonly limits: Limits;
  /** Milliseconds that the thread may be held in one go. */
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
        const found = await best(programs.get(expression.text)!, x, y, trial);
        tried++;
        const fault = faultOf(found, trial);
        if (fault !== undefined)
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

/** The best of several tries, or the first that is well. */
export async function best(program: Program, x: Value, y: Value, trial: Trial): Promise<Held> {
  let found = await hold(program, x, y, trial.limits);
  for (let more = trial.tries - 1; more > 0 && faultOf(found, trial) !== undefined; more--) {
    const next = await hold(program, x, y, trial.limits);
    if (overdue(next) < overdue(found)) found = next;
  }
  return found;
}

/** Milliseconds beyond what was paid for. */
function overdue({ totalMs, worked, steps }: Held): number {
  return totalMs - worked * msPerElement - steps * msPerStep;
}

/** What is wrong with what was found; undefined when it is well. */
export function faultOf(found: Held, { maxHoldMs, unpaidMs }: Trial): string | undefined {
  const { longestMs, totalMs, collectingMs, worked, steps, code, message } = found;
  const ended = code === undefined ? '' : `, ended in ${code}: ${message}`;
  if (code === 'internal') return message;
  if (longestMs - collectingMs > maxHoldMs) {
    const collecting = collectingMs > 1 ? `, V8 collecting for ${collectingMs.toFixed(1)}` : '';
    return `held the thread for ${longestMs.toFixed(1)} ms${collecting}${ended}`;
  }
  if (overdue(found) <= unpaidMs) return undefined;
  return `took ${totalMs.toFixed(1)} ms and paid for ${Math.round(worked)} elements and ${steps} steps${ended}`;
}
