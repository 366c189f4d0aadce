import { Builtin } from '../eval/builtin.ts';
import type { StarlarkFunction } from '../eval/function.ts';
import type { Key } from './keys.ts';

/** True for everything that can be called. */
export function isFunction(value: Key): value is StarlarkFunction | Builtin {
  return typeof value === 'object' && value !== null && 'start' in value && 'call' in value;
}

/** The name that `type(value)` gives; of what stands for a value in a dict, too. */
export function typeName(value: Key): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
  }
  if (value === null) return 'NoneType';
  if (isFunction(value)) return value instanceof Builtin ? 'builtin_function_or_method' : 'function';
  return value.type;
}
