/** Makes random programs for the oracle. The same seed makes the same program. */
import { ExpressionGenerator, types } from './generate-expressions.ts';
import type { Expression, Param, Program, Statement } from './tree.ts';

/** @param size about how many parts the program has */
export function generateProgram(seed: number, size: number): Program {
  return new StatementGenerator(seed, size).program();
}

class StatementGenerator extends ExpressionGenerator {
  program(): Program {
    const body: Statement[] = [this.def()];
    for (const type of types) {
      this.room = 4;
      const value = this.expression(type, 1);
      body.push({ kind: 'assign', target: this.bind(type), value });
    }
    while (this.left > 0) body.push(this.chance.oneOf(5) === 0 ? this.def() : this.statement(0));
    body.push({ kind: 'return', value: this.everything() });
    return body;
  }

  /** A tuple of all variables, so that whatever one of them holds wrongly is seen. */
  protected everything(): Expression {
    return { kind: 'tuple', items: this.known.map(({ name }) => ({ kind: 'name', name })) };
  }

  protected block(depth: number): Statement[] {
    return this.within(() => [this.statement(depth), ...this.chance.times(2, () => this.statement(depth))]);
  }

  protected statement(depth: number): Statement {
    this.room = 3 + this.chance.oneOf(20);
    switch (this.chance.oneOf(depth > 2 ? 7 : 10)) {
      case 0:
        return { kind: 'expression', value: this.expression(this.chance.pick(types), 0) };
      case 1:
        return this.augmented();
      case 2:
        return { kind: 'assign', ...this.itemAssignment() };
      case 3:
        return this.unpacking();
      case 4:
        return { kind: 'expression', value: this.change() };
      case 5:
      case 6:
        return this.assignment();
      case 7:
        return {
          kind: 'if',
          condition: this.expression('bool', 0),
          then: this.block(depth + 1),
          otherwise: this.chance.oneOf(2) === 0 ? [] : this.block(depth + 1),
        };
      default: {
        const iterable = this.iterable(0);
        return this.within(() => {
          const name = this.newName();
          this.known.push({ name, type: 'int', isOwn: this.chance.oneOf(4) === 0 });
          return { kind: 'for', name, iterable, body: this.block(depth + 1) };
        });
      }
    }
  }

  protected assignment(): Statement {
    const type = this.chance.pick(types);
    const value = this.expression(type, 0);
    const known = this.known.filter((each) => each.type === type && each.isOwn);
    if (known.length === 0 || this.chance.oneOf(2) === 0)
      return { kind: 'assign', target: this.bind(type), value };
    return { kind: 'assign', target: { kind: 'name', name: this.chance.pick(known).name }, value };
  }

  protected unpacking(): Statement {
    const given = Array.from({ length: 2 + this.chance.oneOf(2) }, () => this.chance.pick(types));
    const items = given.map((type) => this.expression(type, 1));
    return {
      kind: 'assign',
      target: { kind: 'tuple', items: given.map((type) => this.bind(type)) },
      value: { kind: 'tuple', items },
    };
  }

  protected itemAssignment(): { target: Expression; value: Expression } {
    const value = this.expression('int', 1);
    return { target: this.item(1), value };
  }

  protected augmented(): Statement {
    const known = this.known.filter(({ type, isOwn }) => isOwn && (type === 'int' || type === 'list'));
    if (known.length === 0 || this.chance.oneOf(3) === 0) {
      return {
        kind: 'augmented',
        target: this.item(1),
        operator: this.chance.pick(['+', '-']),
        value: this.expression('int', 0),
      };
    }
    const { name, type } = this.chance.pick(known);
    const operator = type === 'list' ? '+' : this.chance.pick(['+', '-'] as const);
    return { kind: 'augmented', target: { kind: 'name', name }, operator, value: this.expression(type, 0) };
  }

  protected def(): Statement {
    this.room = 10;
    const params = this.params();
    const name = this.newName();
    const body = this.withinFunction(params, (): Statement[] => {
      const statements = this.chance.oneOf(3) === 0 ? [] : this.block(1);
      const held = params.map((param): Expression => ({ kind: 'name', name: param.name }));
      const result = this.call('hash', [{ kind: 'tuple', items: [...held, this.expression('int', 1)] }]);
      return [...statements, { kind: 'return', value: result }];
    });
    this.functions.push({ name, params });
    return { kind: 'def', name, params, body };
  }

  protected params(): Param[] {
    const named = (kind: 'required' | 'optional'): Param => ({
      kind,
      name: this.newName(),
      fallback: kind === 'optional' ? this.expression('int', 2) : null,
    });
    const params = [
      ...this.chance.times(2, () => named('required')),
      ...this.chance.times(2, () => named('optional')),
    ];
    if (this.chance.oneOf(2) === 0) {
      params.push({ kind: 'args', name: this.newName(), fallback: null });
      params.push(...this.chance.times(1, () => named(this.chance.pick(['required', 'optional']))));
    }
    if (this.chance.oneOf(2) === 0) params.push({ kind: 'kwargs', name: this.newName(), fallback: null });
    return params;
  }
}
