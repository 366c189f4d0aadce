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
  readonly constants: Value[] = [];
  /** Start and end offset of each site, one after the other. */
  readonly sites: number[] = [];
  /** One for each function scope; the file's is at 0. */
  readonly shapes: FunctionShape[] = [];
  readonly #helpers = new Set<string>();
  readonly #strings = new Map<string, string>();
  #comprehensions = 0;

  constructor(program: Resolved, forms: Forms) {
    this.program = program;
    this.forms = forms;
  }

  /** The name of a runtime function, noting that the program needs it. */
  helper(name: string): string {
    this.#helpers.add(name);
    return name;
  }

  get helpers(): ReadonlySet<string> {
    return this.#helpers;
  }

  /** The JavaScript name of a constant. */
  constant(value: Value): string {
    if (typeof value !== 'string') return `k${this.constants.push(value) - 1}`;
    let name = this.#strings.get(value);
    if (name === undefined) {
      name = `k${this.constants.push(value) - 1}`;
      this.#strings.set(value, name);
    }
    return name;
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
  #cost = 0;
  #slot = -1;
  #slotSite = 0;

  constructor(program: ProgramEmitter, scope: FunctionScope, outer: FunctionEmitter | null) {
    this.program = program;
    this.scope = scope;
    this.outer = outer;
    this.isResumable = program.forms.resumable.has(scope.id);
    this.isHot = outer !== null || scope.node !== null;
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
    const names: string[] = [];
    for (const variable of this.own) {
      if (variable.definition === null || variable.scope !== this.scope) names.push(variableName(variable));
    }
    for (const variable of this.passedIn) names.push(variableName(variable));
    for (const loop of this.loops) names.push(`s${loop}`);
    for (let temp = 0; temp < this.#temps; temp++) names.push(`a${temp}`);
    return `[${names.join(',')}]`;
  }

  /** Code that releases every loop's lock. */
  unlockAll(): string {
    return this.loops.map((loop) => `${this.helper('unlock')}(k_${loop});`).join('');
  }

  get loopCount(): number {
    return this.#loopCount;
  }

  /* Counting steps */

  /** Counts steps of the code that follows; they are paid at the start of its block. */
  cost(steps: number): void {
    this.#cost += steps;
  }

  /** Emits a block of code that runs as a whole, which pays for its steps first. */
  block(node: Node, emit: () => void): void {
    const outer = { cost: this.#cost, slot: this.#slot, site: this.#slotSite };
    this.openBlock(node);
    emit();
    this.closeBlock();
    this.#cost = outer.cost;
    this.#slot = outer.slot;
    this.#slotSite = outer.site;
  }

  openBlock(node: Node): void {
    this.#cost = 0;
    this.#slot = this.out.push('') - 1;
    this.#slotSite = this.program.site(node.start, node.end);
    this.out[this.#slot] = this.isResumable
      ? `&&(p=${this.#slotSite},t.refill()))yield* ${this.helper('pause')}(t,${this.live()});`
      : `){p=${this.#slotSite};t.refill();}`;
  }

  closeBlock(): void {
    const rest = this.out[this.#slot]!;
    this.out[this.#slot] = this.#cost === 0 ? '' : `if((t.fuel-=${this.#cost})<0${rest}`;
    this.#cost = 0;
  }
}
