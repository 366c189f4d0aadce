import type { Resolved } from '../resolve/resolver.ts';
import type { FunctionScope, Variable } from '../resolve/scope.ts';
import type { Node } from '../syntax/ast.ts';
import type { FunctionShape } from '../eval/function.ts';
import type { Value } from '../values/value.ts';
import { Assigned } from './assigned.ts';
import type { CodeLength } from './code-length.ts';
import type { Forms } from './forms.ts';

/**
 * What is collected while a program is turned into JavaScript. Text of the script never enters the code: names
 * become numbers (`$7` is the variable with id 7), literals become entries of the constant table (`k3`), and places
 * in the source become numbers of sites. The runtime's functions have short names (`A`), for V8 takes as long for a
 * character of code whatever it says.
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
  readonly length: CodeLength;
  readonly #helpers = new Map<string, string>();
  readonly #strings = new Map<string, string>();
  readonly #paramIndexes = new Map<number, ReadonlyMap<string, number>>();
  /** Characters that lists of what is live may still have. */
  #listRoom = mostListed;
  #comprehensions = 0;

  constructor(program: Resolved, forms: Forms, settled: ReadonlySet<Variable>, length: CodeLength) {
    this.program = program;
    this.forms = forms;
    this.settled = settled;
    this.length = length;
  }

  /** The name in the code of a runtime function, noting that the program needs it. */
  helper(name: string): string {
    let alias = this.#helpers.get(name);
    if (alias === undefined) {
      alias = shortName(this.#helpers.size);
      this.#helpers.set(name, alias);
    }
    return alias;
  }

  /** The runtime functions that the program needs, each with its name in the code. */
  get helpers(): ReadonlyMap<string, string> {
    return this.#helpers;
  }

  /** Whether there is room for a list of what is live, which is then taken. */
  takeListRoom(characters: number): boolean {
    if (characters > this.#listRoom) return false;
    this.#listRoom -= characters;
    return true;
  }

  /** Whether code may be made longer so that it is quicker. */
  get hasRoom(): boolean {
    return this.length.total < mostInlined;
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

  /** Where each of a function's parameters stands among them. */
  paramIndex(scope: FunctionScope): ReadonlyMap<string, number> {
    let index = this.#paramIndexes.get(scope.id);
    if (index === undefined) {
      index = new Map(scope.node!.params.flatMap(({ name }, at) => (name === null ? [] : [[name.name, at]])));
      this.#paramIndexes.set(scope.id, index);
    }
    return index;
  }

  nextComprehension(): string {
    return `c${this.#comprehensions++}`;
  }
}

/** How many constants are parameters of the generated code; the rest, of long tables, are looked up. */
const mostNamed = 500;

/** A list of so many characters is not longer than what would stand for it. */
const shortList = 24;

/** How many characters all longer lists of what is live may have: what is more, names each variable once for a function. */
const mostListed = 20_000;

/** How long the code may be before it is made as short as can be, and not as quick. */
const mostInlined = 100_000;

/** All capital letters but those that stand for something else: see `frame` in functions.ts. */
const letters = 'ABCDEFIJNOPQRSTUVWXYZ';

function shortName(at: number): string {
  const letter = letters.charAt(at % letters.length);
  return at < letters.length ? letter : `${letter}${Math.floor(at / letters.length)}`;
}

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
  /** Variables that certainly hold a value here; a comprehension goes on with those of the function around it. */
  readonly assigned: Assigned;
  /** Variables of its own, and for a comprehension those that are passed in. */
  readonly own: Set<Variable> = new Set();
  readonly passedIn: Set<Variable> = new Set();
  /** Variables of loops over ranges, while inside the loop: they hold nothing but small ints. */
  readonly counters: Set<Variable> = new Set();
  /** Loops that hold a lock here: the numbers of their `k` and `s` variables. */
  readonly loops: number[] = [];
  /** Whether the function as a whole is likely to. */
  readonly #isSmall: boolean;
  #isInLoop = false;
  #loopDepth = 0;
  #deepestLoop = 0;
  /** Characters of `out` and `inner`. */
  #emitted = 0;
  #temps = 0;
  #mostTemps = 0;
  #labels = 0;
  /** Whether what is live is found by `L`, which names everything, instead of by lists. */
  #namesAll = false;
  /** Those of its own variables that lists name; null until there is a list. */
  #ownNames: string | null = null;
  #payment: Payment = { steps: 0, slot: 0, check: '' };

  constructor(program: ProgramEmitter, scope: FunctionScope, outer: FunctionEmitter | null) {
    this.program = program;
    this.scope = scope;
    this.outer = outer;
    this.assigned = outer?.assigned ?? new Assigned();
    this.isResumable = program.forms.resumable.has(scope.id);
    this.#isSmall = outer !== null || (scope.node !== null && scope.node.body.length <= smallBody);
  }

  /** Whether the code here is likely to run often, so that inline code is worth its size. */
  get isHot(): boolean {
    return (this.#isInLoop || this.#isSmall) && this.program.hasRoom;
  }

  emit(code: string): void {
    this.out.push(code);
    this.#emitted += code.length;
    this.program.length.add(code.length);
  }

  /** Adds a JavaScript function that belongs before this one's body, made from what `e` has emitted. */
  addInner(code: string, e: FunctionEmitter): void {
    this.inner.push(code);
    this.program.length.add(code.length - e.#emitted);
    this.#emitted += code.length;
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
    return `((v=${begun})===${this.helper('suspended')}?${this.helper('takeAnswer')}(t,yield${this.live()}):v)`;
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

  /** Numbers the variables of a loop, by how many it stands in: those of one that has ended serve the next. */
  enterLoop(): number {
    const number = this.#loopDepth++;
    this.#deepestLoop = Math.max(this.#deepestLoop, this.#loopDepth);
    return number;
  }

  leaveLoop(): void {
    this.#loopDepth--;
  }

  /** A label for a statement of JavaScript's. */
  nextLabel(): string {
    return `b${this.#labels++}`;
  }

  /** All local JavaScript variables but those for Starlark variables. */
  declarations(): string {
    let names = 'p=0,v';
    for (let temp = 0; temp < this.#mostTemps; temp++) names += `,a${temp}`;
    for (let loop = 0; loop < this.#deepestLoop; loop++) names += `,l${loop}=null,s${loop},i${loop},n${loop}`;
    if (this.#namesAll) names += `,L=()=>[${this.#everything().join(',')}]`;
    return names;
  }

  /** Code for the values of all variables of its own, in order, and perhaps for more. */
  ownValues(): string {
    return this.#namesAll ? 'L()' : `[${[...this.own].map(variableName).join(',')}]`;
  }

  /**
   * Code for all that the function refers to here: a list, or where lists would make the code long, a function that
   * makes one of every variable and temporary. Variables that the latter names are slower, for it shares them.
   */
  live(): string {
    if (this.#namesAll) return ' L';
    const list = this.#liveHere();
    if (list.length <= shortList || this.program.takeListRoom(list.length)) return list;
    this.#namesAll = true;
    return ' L';
  }

  #liveHere(): string {
    const names: string[] = this.outer === null ? [] : ['r'];
    this.#ownNames ??= [...this.own]
      .filter(({ definition, scope }) => definition === null || scope !== this.scope)
      .map(variableName)
      .join(',');
    if (this.#ownNames !== '') names.push(this.#ownNames);
    for (const variable of this.passedIn) names.push(variableName(variable));
    for (const loop of this.loops) names.push(`s${loop}`);
    for (let temp = 0; temp < this.#temps; temp++) names.push(`a${temp}`);
    return `[${names.join(',')}]`;
  }

  #everything(): string[] {
    const names = [...this.own, ...this.passedIn].map(variableName);
    if (this.outer !== null) names.push('r');
    for (let loop = 0; loop < this.#deepestLoop; loop++) names.push(`s${loop}`);
    for (let temp = 0; temp < this.#mostTemps; temp++) names.push(`a${temp}`);
    return names;
  }

  /** The names of all loops' lock variables, each after a comma: for the code that an error ends up in. */
  caughtLocks(): string {
    let names = '';
    for (let loop = 0; loop < this.#deepestLoop; loop++) names += `,l${loop}`;
    return names;
  }

  /** Code that releases every loop's lock. */
  unlockAll(): string {
    return this.loops.map((loop) => `${this.helper('close')}(l${loop});`).join('');
  }

  /* Counting steps */

  /** Counts steps of the code that follows; they are paid at the start of its block. */
  cost(steps: number): void {
    this.#payment.steps += steps;
  }

  /** Emits the body of a loop: it pays for its steps first, and may then pause or be refused to go on. */
  repeated(node: Node, emit: () => void): void {
    const outer = this.#payment;
    const wasInLoop = this.#isInLoop;
    this.#isInLoop = true;
    this.openBlock(node);
    emit();
    this.closeBlock();
    this.#isInLoop = wasInLoop;
    this.#payment = outer;
  }

  /** Emits a block that may be left out; it pays for its steps, and leaves it to others to find them missing. */
  branch(emit: () => void): void {
    const outer = this.#payment;
    this.#payment = this.#partPayment();
    emit();
    this.closeBlock();
    this.#payment = outer;
  }

  /** Emits what may be left out from several places on: `part` begins each, which pays for its own steps. */
  parts(emit: (part: () => void) => void): void {
    const outer = this.#payment;
    emit(() => {
      if (this.#payment !== outer) this.closeBlock();
      this.#payment = this.#partPayment();
    });
    if (this.#payment !== outer) this.closeBlock();
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
    const code =
      check === ''
        ? `t.fuel-=${steps};`
        : `${this.isResumable ? 'if(' : ''}${this.helper('spend')}(t,${steps}${check}`;
    this.out[slot] = code;
    this.#emitted += code.length;
    this.program.length.add(code.length);
  }

  #partPayment(): Payment {
    return { steps: 0, slot: this.out.push('') - 1, check: '' };
  }
}
