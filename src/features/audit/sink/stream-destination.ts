import type { Writable } from 'node:stream';
import { messageOf } from '../../../lib/thrown.ts';
import { WriteError, type Destination } from './destination.ts';

/** Lines to a stream of the process. A reader that does not read makes the write wait. */
export function streamDestination(stream: Writable, name: string): Destination {
  return {
    write: async (lines) => {
      if (!stream.writable) throw new WriteError(0, `${name} is closed`);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.write(lines.join(''), (error) => {
        if (error) reject(new WriteError(0, `${name}: ${messageOf(error)}`, { cause: error }));
        else resolve();
      });
      await promise;
    },
    reopen: () => Promise.resolve(),
    // The stream is the process's own.
    close: () => Promise.resolve(),
  };
}
