import { StarlarkError } from '../../errors.ts';
import type { Meter } from '../../values/meter.ts';

/** A meter for conversions that no script runs: `maxLength` is the longest text that may come out of it. */
export function hostMeter(maxLength: number = Number.MAX_SAFE_INTEGER): Meter {
  let room = maxLength;
  return {
    charge(bytes) {
      room -= bytes;
      if (room < 0)
        throw new StarlarkError('memory_limit', `the JSON text is longer than ${maxLength} characters`);
    },
    work() {},
    make() {},
    grow() {},
  };
}
