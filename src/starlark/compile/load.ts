import type * as ast from '../syntax/ast.ts';
import type { FunctionEmitter } from './emitter.ts';
import { emitStore } from './statements.ts';

/** Code for `load`: waits for the module, then takes its variables. */
export function emitLoad(statement: ast.Load, e: FunctionEmitter): void {
  const height = e.temps;
  const module = e.takeTemp();
  const name = e.program.constant(statement.module);
  const begun = `${e.helper('begin')}(t,${e.helper('loadModule')}(t,${name}),${e.at(statement)})`;
  e.emit(`${module}=${e.suspendable(begun)};`);
  for (const item of statement.items) {
    const original = e.program.constant(item.original);
    emitStore(item.name, `${e.helper('loaded')}(${module},${name},${original},${e.at(item)})`, e);
  }
  e.releaseTemps(height);
}
