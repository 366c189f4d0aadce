import type { Bytes } from '../bytes.ts';
import { Elems } from '../elems.ts';
import { method0, methodTable, type MethodTable } from './method.ts';

export const bytesMethods: MethodTable<Bytes> = methodTable<Bytes>([
  method0('elems', 'step', (_thread, bytes) => new Elems(bytes, 'elems')),
]);
