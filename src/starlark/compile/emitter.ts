import type { Resolved } from '../resolve/resolver.ts';
import type { FunctionScope, Variable } from '../resolve/scope.ts';
import type { Node } from '../syntax/ast.ts';
import type { FunctionShape } from '../eval/function.ts';
import type { Value } from '../values/value.ts';
import type { Forms } from './forms.ts';

/**
 * What is collected while a program is turned into JavaScript. Text of the script never enters the code: names
 * become numbers (`$7` is the variable with id 7), literals become entries of the constant table (`k3`), and places
 * in the source become numbers of sites.
 */
export class ProgramEmitter {
  readonly program: Resolved;
  readonly forms: Forms;
  /** Variables of the file's that functions find bound, whenever they run. */
  readonly settled: ReadonlySet<Variable>;
  readonly constants: Value[] = [];
  /** Start and end offset of each site, one after the other. */
  readonly sites: number[] = [];
  /** One for each function scope; the file's is at 0. */
  readonly shapes: FunctionShape[] = [];
  readonly #helpers = new Set<string>();
  readonly #strings = new Map<string, string>();
  #comprehensions = 0;

  constructor(program: Resolved, forms: Forms, settled: ReadonlySet<Variable>) {
    this.program = program;
    this.forms = forms;
    this.settled = settled;
  }

  /** The name of a runtime function, noting that the program needs it. */
  helper(name: string): string {
    this.#helpers.add(name);
    return name;
  }

  get helpers(): ReadonlySet<string> {
    return this.#helpers;
  }

  /** JavaScript code for a constant. */
  constant(value: Value): string {
    if (typeof value !== 'string') return this.#newConstant(value);
    let code = this.#strings.get(value);
    if (code === undefined) {
      code = this.#newConstant(value);
      this.#strings.set(value, code);
    }
    return code;
  }

  #newConstant(value: Value): string {
    const at = this.constants.push(value) - 1;
    return at < mostNamed ? `k${at}` : `K[${at}]`;
  }

  /** The names of those constants that have one: JavaScript's functions can take so many parameters and no more. */
  get constantNames(): string[] {
    return Array.from({ length: Math.min(this.constants.length, mostNamed) }, (_, at) => `k${at}`);
  }

  /** The number of a place in the source, from 1. */
  site(start: number, end: number): number {
    this.sites.push(start, end);
    return this.sites.length >> 1;
  }

  nextComprehension(): string {
    return `c${this.#comprehensions++}`;
  }
}

/** How many constants are parameters of the generated code; the rest, of long tables, are looked up. */
const mostNamed = 500;

/** Where a block's steps are paid: its place in the code, and what follows the payment. */
interface Payment {
  steps: number;
  readonly slot: number;
  readonly check: string;
}

/** Functions of at most so many statements are taken to be called often. */
const smallBody = 4;

/** A variable's name in JavaScript. */
export function variableName(variable: Variable): string {
  return `$${variable.id}`;
}

/** One JavaScript function under construction: a Starlark function, the file, or a comprehension. */
export class FunctionEmitter {
  readonly program: ProgramEmitter;
  readonly scope: FunctionScope;
  /** The function around a comprehension; null when this is no comprehension. */
  readonly outer: FunctionEmitter | null;
  readonly isResumable: boolean;
  /** Code so far, to be joined. */
  readonly out: string[] = [];
  /** JavaScript functions that belong before this one's body. */
  readonly inner: string[] = [];
  /** Variables that certainly hold a value here. */
  assigned: Set<Variable> = new Set();
  /** Variables of its own, and for a comprehension those that are passed in. */
  readonly own: Set<Variable> = new Set();
  readonly passedIn: Set<Variable> = new Set();
  /** Variables of loops over ranges, while inside the loop: they hold nothing but small ints. */
  readonly counters: Set<Variable> = new Set();
  /** Loops that hold a lock here: the numbers of their `k` and `s` variables. */
  readonly loops: number[] = [];
  /** Whether the code here is likely to run often, so that inline code is worth its size. */
  isHot: boolean;
  #loopCount = 0;
  #temps = 0;
  #mostTemps = 0;
  #payment: Payment = { steps: 0, slot: 0, check: '' };

  constructor(program: ProgramEmitter, scope: FunctionScope, outer: FunctionEmitter | null) {
    this.program = program;
    this.scope = scope;
    this.outer = outer;
    this.isResumable = program.forms.resumable.has(scope.id);
    this.isHot = outer !== null || (scope.node !== null && scope.node.body.length <= smallBody);
  }

  emit(code: string): void {
    this.out.push(code);
  }

  helper(name: string): string {
    return this.program.helper(name);
  }

  /** Code that notes where the program is: the last argument of whatever may fail. */
  at(node: Node): string {
    return `p=${this.program.site(node.start, node.end)}`;
  }

  /** Code for the value of a call that may be suspended: `begun` is what `begin` and its kin return. */
  suspendable(begun: string): string {
    return `((v=${begun})===${this.helper('suspended')}?(yield${this.live()},${this.helper('takeAnswer')}(t)):v)`;
  }

  /**
   * The same for what never waits, but may pause where it has much to do. What the code refers to is not said then:
   * such calls are many (see `uncounted` in eval/suspend.ts).
   */
  pausable(begun: string): string {
    return `((v=${begun})===${this.helper('suspended')}?(yield,${this.helper('takeAnswer')}(t)):v)`;
  }

  /* Variables of the JavaScript function */

  /** Takes an unused temporary; release with {@link releaseTemps}. */
  takeTemp(): string {
    const temp = this.#temps++;
    this.#mostTemps = Math.max(this.#mostTemps, this.#temps);
    return `a${temp}`;
  }

  get temps(): number {
    return this.#temps;
  }

  releaseTemps(height: number): void {
    this.#temps = height;
  }

  nextLoop(): number {
    return this.#loopCount++;
  }

  /** All local JavaScript variables but those for Starlark variables. */
  declarations(): string {
    let names = 'p=0,v';
    for (let temp = 0; temp < this.#mostTemps; temp++) names += `,a${temp}`;
    for (let loop = 0; loop < this.#loopCount; loop++) names += `,k_${loop}=null,s${loop},i${loop},n${loop}`;
    return names;
  }

  /** Code for a list of all that the function refers to here. */
  live(): string {
    const names: string[] = this.outer === null ? [] : ['r'];
    for (const variable of this.own) {
      if (variable.definition === null || variable.scope !== this.scope) names.push(variableName(variable));
    }
    for (const variable of this.passedIn) names.push(variableName(variable));
    for (const loop of this.loops) names.push(`s${loop}`);
    for (let temp = 0; temp < this.#temps; temp++) names.push(`a${temp}`);
    return `[${names.join(',')}]`;
  }

  /** The names of all loops' lock variables, each after a comma: for the code that an error ends up in. */
  caughtLocks(): string {
    let names = '';
    for (let loop = 0; loop < this.#loopCount; loop++) names += `,k_${loop}`;
    return names;
  }

  /** Code that releases every loop's lock. */
  unlockAll(): string {
    return this.loops.map((loop) => `${this.helper('close')}(k_${loop});`).join('');
  }

  /* Counting steps */

  /** Counts steps of the code that follows; they are paid at the start of its block. */
  cost(steps: number): void {
    this.#payment.steps += steps;
  }

  /** Emits the body of a loop: it pays for its steps first, and may then pause or be refused to go on. */
  block(node: Node, emit: () => void): void {
    const outer = this.#payment;
    this.openBlock(node);
    emit();
    this.closeBlock();
    this.#payment = outer;
  }

  /** Emits a block that may be left out; it pays for its steps, and leaves it to others to find them missing. */
  branch(emit: () => void): void {
    const outer = this.#payment;
    this.#payment = { steps: 0, slot: this.out.push('') - 1, check: '' };
    emit();
    this.closeBlock();
    this.#payment = outer;
  }

  openBlock(node: Node): void {
    const site = this.program.site(node.start, node.end);
    const after = this.isResumable ? `yield${this.live()}` : '';
    const check = `,p=${site})${after === '' ? '' : `)${after}`};`;
    this.#payment = { steps: 0, slot: this.out.push('') - 1, check };
  }

  closeBlock(): void {
    const { steps, slot, check } = this.#payment;
    if (steps === 0) return;
    if (check === '') this.out[slot] = `t.fuel-=${steps};`;
    else this.out[slot] = `${this.isResumable ? 'if(' : ''}${this.helper('spend')}(t,${steps}${check}`;
  }
}
