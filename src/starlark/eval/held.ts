import { children, heldBytes } from '../values/size.ts';
import type { Value } from '../values/value.ts';
import { StarlarkFunction } from './function.ts';
import { LateValue } from './late-value.ts';
import { uncounted } from './suspend.ts';

const functionBytes = 64;

/**
 * The bytes that can be reached from `roots`, by the documented estimate; see `Live` for functions among them. Containers
 * and functions count once; a string counts at every place that holds it, since JavaScript cannot tell one copy from two.
 * Undefined where a call does not say what it refers to.
 */
export function liveBytes(roots: Iterable<unknown>): number | undefined {
  const seen = new Set<object>();
  const pending: (Value | LateValue)[] = [];
  let bytes = 0;
  const visit = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'bigint') bytes += heldBytes(value);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      pending.push(value as Value);
    } else if (typeof value === 'function') (value as () => readonly unknown[])().forEach(visit);
  };
  for (const root of roots) {
    if (root === uncounted) return undefined;
    visit(root);
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof LateValue) bytes += next.bytes;
    else if (Array.isArray(next)) (next as readonly unknown[]).forEach(visit);
    else if (next instanceof StarlarkFunction) {
      bytes += functionBytes;
      next.defaults?.forEach(visit);
      next.captured?.().forEach(visit);
    } else {
      bytes += heldBytes(next);
      children(next, visit);
    }
  }
  return bytes;
}
