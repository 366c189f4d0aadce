/**
 * The last net under a server. Every callback that input from outside reaches has a guard of its own (`lib/guarded.ts`);
 * what still gets through is a defect, of which no client, backend or script is to make the end of all others.
 */
import type { App } from '../server/index.ts';
import { defectIn } from '../lib/guarded.ts';
import { codeOf, kindOf, stackOf } from '../lib/thrown.ts';
import type { Terminal } from './kit/terminal.ts';

/** Far more than one server has. Beyond it the oldest is forgotten, and would be logged once more. */
const maxKinds = 100;

/**
 * Logs what nothing caught, once for each kind, and lets the server go on.
 * @returns what takes the guard away: errors end the process again
 */
export function guardServer(terminal: Terminal, log: App['log']): () => void {
  const logged = new Set<string>();
  return terminal.onUncaught((thrown, origin) => {
    const kind = kindOfDefect(thrown);
    if (logged.has(kind)) return;
    logged.add(kind);
    const [oldest] = logged;
    if (logged.size > maxKinds && oldest !== undefined) logged.delete(oldest);
    try {
      const message = `${defectIn('an unguarded callback')}; the server goes on and does not repeat this line`;
      log.write('error', message, { origin, error: stackOf(thrown) });
    } catch {
      // With no log there is nowhere to tell it, and it would end the process if it were thrown from here.
    }
  });
}

/** Errors are alike that were thrown at one place, whatever they say: a message may hold what a client made up. */
function kindOfDefect(thrown: unknown): string {
  const place = stackOf(thrown)
    .split('\n')
    .find((line) => /^\s+at /.test(line));
  return [kindOf(thrown), codeOf(thrown), place].join(' ');
}
