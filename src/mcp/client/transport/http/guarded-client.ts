import type { EventEmitter } from 'node:events';
import type { Dispatcher } from 'undici';
import { Client, type Pool } from 'undici';
import { report, type OnDefect } from '../../../../lib/guarded.ts';

/**
 * Makes the connections of a pool. Each emits `error`, which undici's types leave out, in a state that undici holds to be
 * impossible; without a listener that would end the process.
 */
export function guardedClients(onDefect: OnDefect): NonNullable<Pool.Options['factory']> {
  return (origin: URL, options: object): Dispatcher => {
    const client = new Client(origin, options);
    const emitter: EventEmitter = client;
    emitter.on('error', (thrown) => report('an HTTP connection', onDefect, thrown));
    return client;
  };
}
