import { isFunction, typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';

/** What to write for a value that JSON cannot hold, behind a semicolon; empty where nothing is known. */
export function remedyFor(value: Value): string {
  if (isFunction(value)) return '; was a call meant?';
  switch (typeName(value)) {
    case 'time.time':
      return '; write x.format("2006-01-02T15:04:05Z07:00") or x.unix';
    case 'time.duration':
      return '; write str(x) or x.seconds';
    case 'bytes':
      return '; write str(x)';
    default:
      return '';
  }
}

/** The same for a dict's key. */
export const keyRemedy = '; write str(key)';
