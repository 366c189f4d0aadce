import { Chance } from './chance.ts';
import type { Argument, Clause, Expression, FormatPart, Operator, Param } from './tree.ts';

export type Type = 'int' | 'bool' | 'text' | 'list' | 'dict';

interface Known {
  readonly name: string;
  readonly type: Type;
  /** Whether the function that is open, or the file, binds it: it can then be bound again. */
  readonly isOwn: boolean;
}

interface KnownFunction {
  readonly name: string;
  readonly params: readonly Param[];
}

export const types: readonly Type[] = ['int', 'bool', 'text', 'list', 'dict'];
const intOperators: readonly Operator[] = ['+', '-', '%'];
const comparisons: readonly Operator[] = ['==', '!=', '<', '>='];
const keys = ['a', 'b', 'c', 'd'];

/**
 * Makes random expressions whose every part tells when it is evaluated, by `note(n, value)` and `wait(n, value)`: calls of
 * every shape, in every place that an expression can have.
 */
export class ExpressionGenerator {
  protected readonly chance: Chance;
  /** About how many parts more the program is to have. */
  protected left: number;
  /** How many parts more the expressions of this statement may have. */
  protected room = 0;
  protected known: Known[] = [];
  protected readonly functions: KnownFunction[] = [];
  #names = 0;
  #notes = 0;

  constructor(seed: number, size: number) {
    this.chance = new Chance(seed);
    this.left = size;
  }

  protected newName(): string {
    return `v${this.#names++}`;
  }

  protected bind(type: Type): Expression {
    const name = this.newName();
    this.known.push({ name, type, isOwn: true });
    return { kind: 'name', name };
  }

  /** What is made within knows no names from there afterwards. */
  protected within<T>(make: () => T): T {
    const known = this.known;
    this.known = [...known];
    const made = make();
    this.known = known;
    return made;
  }

  protected withinFunction<T>(params: readonly Param[], make: () => T): T {
    return this.within(() => {
      this.known = this.known.map((known) => ({ ...known, isOwn: false }));
      for (const { kind, name } of params) {
        this.known.push({
          name,
          type: kind === 'args' ? 'list' : kind === 'kwargs' ? 'dict' : 'int',
          isOwn: false,
        });
      }
      return make();
    });
  }

  protected expression(type: Type, depth: number): Expression {
    this.left--;
    if (depth > 4 || this.room-- < 0) return this.leaf(type);
    switch (this.chance.oneOf(9)) {
      case 0:
      case 1:
      case 2:
        return this.traced(type, depth + 1);
      case 3:
        return this.choice(type, depth + 1);
      case 4:
        return this.calledLambda(type, depth + 1);
      case 5:
        return this.leaf(type);
      default:
        return this.ofType(type, depth + 1);
    }
  }

  protected leaf(type: Type): Expression {
    const known = this.known.filter((each) => each.type === type);
    if (known.length > 0 && this.chance.oneOf(3) > 0)
      return { kind: 'name', name: this.chance.pick(known).name };
    switch (type) {
      case 'int':
        return { kind: 'int', value: this.chance.oneOf(6) };
      case 'bool':
        return { kind: 'name', name: this.chance.pick(['True', 'False']) };
      case 'text':
        return { kind: 'text', value: this.chance.pick(keys) };
      case 'list':
        return {
          kind: 'list',
          items: [
            { kind: 'int', value: 1 },
            { kind: 'int', value: this.chance.oneOf(6) },
          ],
        };
      case 'dict':
        return {
          kind: 'dict',
          entries: [
            [
              { kind: 'text', value: this.chance.pick(keys) },
              { kind: 'int', value: this.chance.oneOf(6) },
            ],
          ],
        };
    }
  }

  /** The value, noted: with or without waiting, and by a call of any shape. */
  protected traced(type: Type, depth: number): Expression {
    const number: Expression = { kind: 'int', value: this.#notes++ };
    const name = this.chance.pick(['note', 'wait']);
    const value = this.expression(type, depth);
    if (this.chance.oneOf(3) > 0) return this.call(name, [number, value]);
    const args: Argument[] = [positional(number), positional(value), ...this.surplus(depth, keys)];
    return { kind: 'call', callee: { kind: 'name', name }, args };
  }

  /** Arguments for a function that takes any, in an order that the language allows. */
  protected surplus(depth: number, names: readonly string[]): Argument[] {
    const args: Argument[] = this.chance.times(1, () =>
      positional(this.expression(this.chance.pick(types), depth)),
    );
    const used = names.filter(() => this.chance.oneOf(3) === 0);
    for (const name of used)
      args.push({ kind: 'named', name, value: this.expression(this.chance.pick(types), depth) });
    if (this.chance.oneOf(2) === 0)
      args.push({ kind: 'args', name: '', value: this.expression('list', depth) });
    if (this.chance.oneOf(3) === 0)
      args.push({ kind: 'kwargs', name: '', value: this.freshDict(depth, used) });
    return args;
  }

  /** A dict whose keys are other than the `used`. */
  protected freshDict(depth: number, used: readonly string[]): Expression {
    const free = keys.filter((key) => !used.includes(key));
    const entries = free
      .filter(() => this.chance.oneOf(2) === 0)
      .map((key) => [this.noted({ kind: 'text', value: key }), this.expression('int', depth)] as const);
    return this.noted({ kind: 'dict', entries });
  }

  protected noted(value: Expression): Expression {
    return this.chance.oneOf(3) === 0
      ? value
      : this.call(this.chance.pick(['note', 'wait']), [{ kind: 'int', value: this.#notes++ }, value]);
  }

  protected choice(type: Type, depth: number): Expression {
    if (this.chance.oneOf(2) === 0) {
      const operator = this.chance.pick(['and', 'or'] as const);
      return {
        kind: 'operator',
        operator,
        left: this.expression(type, depth),
        right: this.expression(type, depth),
      };
    }
    return {
      kind: 'conditional',
      condition: this.expression('bool', depth),
      then: this.expression(type, depth),
      otherwise: this.expression(type, depth),
    };
  }

  protected calledLambda(type: Type, depth: number): Expression {
    const params: Param[] = this.chance.times(2, () => ({
      kind: 'required',
      name: this.newName(),
      fallback: null,
    }));
    if (this.chance.oneOf(2) === 0)
      params.push({ kind: 'optional', name: this.newName(), fallback: this.expression('int', depth) });
    const body = this.withinFunction(params, () => this.expression(type, depth));
    return {
      kind: 'call',
      callee: { kind: 'lambda', params, body },
      args: this.argumentsFor(params, depth),
    };
  }

  protected ofType(type: Type, depth: number): Expression {
    switch (type) {
      case 'int':
        return this.int(depth);
      case 'bool':
        return this.bool(depth);
      case 'text':
        return this.text(depth);
      case 'list':
        return this.list(depth);
      case 'dict':
        return this.dict(depth);
    }
  }

  protected int(depth: number): Expression {
    switch (this.chance.oneOf(9)) {
      case 0:
      case 1:
        return this.operation(this.chance.pick(intOperators), 'int', depth);
      case 2:
        return this.item(depth);
      case 3:
        return { kind: 'minus', operand: this.expression('int', depth) };
      case 4:
        return this.call('len', [this.expression(this.chance.pick(['list', 'dict']), depth)]);
      case 5:
        if (this.chance.oneOf(4) > 0) return this.functionCall(depth);
        return this.method(this.expression('list', depth), 'index', [this.expression('int', depth)]);
      case 6:
        return this.method(this.expression('dict', depth), this.chance.pick(['get', 'setdefault']), [
          this.expression('text', depth),
          this.expression('int', depth),
        ]);
      default:
        return this.functionCall(depth);
    }
  }

  protected functionCall(depth: number): Expression {
    if (this.functions.length === 0 || this.chance.oneOf(6) === 0) {
      return this.call('hash', [this.expression(this.chance.pick(types), depth)]);
    }
    const { name, params } = this.chance.pick(this.functions);
    const args = this.argumentsFor(params, depth);
    // Through a value that is worked out, the compiler does not know what it calls.
    const callee: Expression = { kind: 'name', name };
    return { kind: 'call', callee: this.chance.oneOf(3) === 0 ? this.noted(callee) : callee, args };
  }

  /** Arguments that fit parameters, most of the time. */
  protected argumentsFor(params: readonly Param[], depth: number): Argument[] {
    const star = params.findIndex(({ kind }) => kind === 'args');
    const named = params.filter(({ kind }) => kind === 'required' || kind === 'optional');
    const positionals = star < 0 ? named : named.slice(0, star);
    const given = this.chance.oneOf(positionals.length + 1);
    const args: Argument[] = positionals.slice(0, given).map(() => positional(this.expression('int', depth)));
    const rest = named.slice(given).filter(({ kind }) => kind === 'required' || this.chance.oneOf(2) === 0);
    if (this.chance.oneOf(2) === 0) rest.reverse();
    for (const { name } of rest) args.push({ kind: 'named', name, value: this.expression('int', depth) });
    if (this.chance.oneOf(3) === 0) {
      const value =
        star >= 0 && given === positionals.length
          ? this.expression('list', depth)
          : this.noted({ kind: 'list', items: [] });
      args.push({ kind: 'args', name: '', value });
    }
    if (params.at(-1)?.kind === 'kwargs' && this.chance.oneOf(2) === 0) {
      args.push({ kind: 'kwargs', name: '', value: this.freshDict(depth, []) });
    }
    return args;
  }

  protected bool(depth: number): Expression {
    switch (this.chance.oneOf(5)) {
      case 0:
        return { kind: 'not', operand: this.expression(this.chance.pick(types), depth) };
      case 1:
        return {
          kind: 'operator',
          operator: this.chance.pick(['in', 'not in']),
          left: this.expression('text', depth),
          right: this.expression('dict', depth),
        };
      case 2: {
        const act: Expression = {
          kind: 'lambda',
          params: [],
          body: this.within(() => this.mayFail(depth)),
        };
        return { kind: 'index', object: this.call('attempt', [act]), index: { kind: 'text', value: 'ok' } };
      }
      case 3:
        return this.operation(this.chance.pick(['==', '!=']), this.chance.pick(types), depth);
      default:
        return this.operation(this.chance.pick(comparisons), 'int', depth);
    }
  }

  protected mayFail(depth: number): Expression {
    if (this.chance.oneOf(2) === 0) return this.expression('int', depth);
    const boom = this.call('boom', [this.expression('int', depth)]);
    return { kind: 'list', items: [this.expression('int', depth), boom, this.expression('int', depth)] };
  }

  protected text(depth: number): Expression {
    switch (this.chance.oneOf(3)) {
      case 0:
        return this.operation('+', 'text', depth);
      case 1:
        return this.method(
          { kind: 'text', value: '{}-{}-{b}' },
          'format',
          [this.expression('int', depth), this.expression('text', depth)],
          [{ kind: 'named', name: 'b', value: this.expression('int', depth) }, ...this.spreadOfNone(depth)],
        );
      default:
        return { kind: 'format', parts: ['x', ...this.chance.times(3, () => this.formatPart(depth)), '.'] };
    }
  }

  protected spreadOfNone(depth: number): Argument[] {
    return this.chance.oneOf(2) === 0
      ? []
      : [{ kind: 'args', name: '', value: this.expression('list', depth) }];
  }

  protected formatPart(depth: number): FormatPart {
    if (this.chance.oneOf(2) === 0)
      return { value: this.expression(this.chance.pick(types), depth), width: null };
    return {
      value: this.expression('int', depth),
      width: this.noted({ kind: 'int', value: 1 + this.chance.oneOf(6) }),
    };
  }

  protected list(depth: number): Expression {
    switch (this.chance.oneOf(7)) {
      case 0:
      case 1:
        return { kind: 'list', items: this.chance.times(4, () => this.expression('int', depth)) };
      case 2:
        return this.operation('+', 'list', depth);
      case 3: {
        const bound = (): Expression | null =>
          this.chance.oneOf(3) === 0 ? null : this.expression('int', depth);
        return { kind: 'slice', object: this.expression('list', depth), low: bound(), high: bound() };
      }
      case 4: {
        const list = positional(this.expression('list', depth));
        const param = this.newName();
        const params: Param[] = [{ kind: 'required', name: param, fallback: null }];
        const body = this.withinFunction(params, () => this.expression('int', depth));
        const key: Argument = { kind: 'named', name: 'key', value: { kind: 'lambda', params, body } };
        return { kind: 'call', callee: { kind: 'name', name: 'sorted' }, args: [list, key] };
      }
      default:
        return this.comprehension('list', depth);
    }
  }

  protected dict(depth: number): Expression {
    switch (this.chance.oneOf(4)) {
      case 0: {
        const entries = this.freshDict(depth, []);
        return entries;
      }
      case 1: {
        const args: Argument[] = [positional(this.expression('dict', depth))];
        for (const name of keys.slice(0, 2))
          args.push({ kind: 'named', name, value: this.expression('int', depth) });
        if (this.chance.oneOf(2) === 0)
          args.push({ kind: 'args', name: '', value: this.noted({ kind: 'list', items: [] }) });
        return { kind: 'call', callee: { kind: 'name', name: 'dict' }, args };
      }
      default:
        return this.comprehension('dict', depth);
    }
  }

  protected comprehension(type: 'list' | 'dict', depth: number): Expression {
    return this.within(() => {
      const clauses: Clause[] = [];
      const add = (): void => {
        const iterable = this.iterable(depth);
        const name = this.newName();
        this.known.push({ name, type: 'int', isOwn: false });
        clauses.push({ kind: 'for', names: [name], iterable });
      };
      add();
      if (this.chance.oneOf(3) === 0) clauses.push({ kind: 'if', condition: this.expression('bool', depth) });
      if (this.chance.oneOf(5) === 0) add();
      const key = type === 'dict' ? this.expression('text', depth) : null;
      return { kind: 'comprehension', key, value: this.expression('int', depth), clauses };
    });
  }

  /** Something short that a loop goes through, of ints. */
  protected iterable(depth: number): Expression {
    if (this.chance.oneOf(3) === 0) return this.call('range', [{ kind: 'int', value: this.chance.oneOf(4) }]);
    return this.chance.oneOf(2) === 0 ? this.noted(this.leaf('list')) : this.expression('list', depth + 2);
  }

  /** A call that changes a list or a dict. */
  protected change(): Expression {
    const list = this.expression('list', 1);
    switch (this.chance.oneOf(4)) {
      case 0:
        return this.method(list, 'append', [this.expression('int', 1)]);
      case 1:
        return this.method(list, 'extend', [this.expression('list', 1)]);
      case 2:
        return this.method(list, 'insert', [{ kind: 'int', value: 0 }, this.expression('int', 1)]);
      default: {
        const dict = this.expression('dict', 1);
        const more: Argument[] = [{ kind: 'named', name: 'c', value: this.expression('int', 1) }];
        if (this.chance.oneOf(2) === 0)
          more.push({ kind: 'args', name: '', value: this.noted({ kind: 'list', items: [] }) });
        return this.method(dict, 'update', [this.expression('dict', 1)], more);
      }
    }
  }

  /** An element that is there most of the time. */
  protected item(depth: number): Expression {
    if (this.chance.oneOf(8) === 0) {
      return {
        kind: 'index',
        object: this.expression('dict', depth),
        index: this.expression('text', depth),
      };
    }
    const index = this.noted({ kind: 'int', value: this.chance.oneOf(2) });
    return { kind: 'index', object: this.expression('list', depth), index };
  }

  protected operation(operator: Operator, type: Type, depth: number): Expression {
    const left = this.expression(type, depth);
    const right: Expression =
      operator === '%'
        ? this.noted({ kind: 'int', value: 2 + this.chance.oneOf(5) })
        : this.expression(type, depth);
    return { kind: 'operator', operator, left, right };
  }

  protected call(name: string, values: readonly Expression[]): Expression {
    return { kind: 'call', callee: { kind: 'name', name }, args: values.map(positional) };
  }

  protected method(
    object: Expression,
    name: string,
    values: readonly Expression[],
    more: readonly Argument[] = [],
  ): Expression {
    return { kind: 'method', object, name, args: [...values.map(positional), ...more] };
  }
}

function positional(value: Expression): Argument {
  return { kind: 'positional', name: '', value };
}
