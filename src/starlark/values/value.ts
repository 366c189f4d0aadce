import type { Builtin } from '../eval/builtin.ts';
import type { StarlarkFunction } from '../eval/function.ts';
import type { Bytes } from './bytes.ts';
import type { Dict } from './dict.ts';
import type { Elems } from './elems.ts';
import type { StarlarkFloat } from './float.ts';
import type { HostValue } from './host-value.ts';
import type { List } from './list.ts';
import type { Module } from './module.ts';
import type { Range } from './range.ts';
import type { StarlarkSet } from './set.ts';
import type { Tuple } from './tuple.ts';

/**
 * A Starlark value. `None` is null; an int is a number while it is a safe integer and a bigint beyond
 * (see docs/decisions/starlark-values.md). Never undefined, and never a plain JavaScript object.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | StarlarkFloat
  | Bytes
  | List
  | Tuple
  | Dict
  | StarlarkSet
  | Range
  | Elems
  | Module
  | HostValue
  | StarlarkFunction
  | Builtin;
