import { randomBytes } from 'node:crypto';
import type { OnDefect } from '../../lib/guarded.ts';
import type { KeptState } from '../feature.ts';
import { Activity } from './activity.ts';
import { Latencies } from './latencies.ts';
import { Questions } from './questions.ts';
import { Sessions } from './sessions.ts';

/** What the console keeps over reloads. */
export class ConsoleState implements KeptState {
  /** Proves that a request comes from a page that this server gave out: no other origin can read it. */
  readonly pageToken: string = randomBytes(24).toString('base64url');
  readonly sessions: Sessions = new Sessions();
  readonly activity: Activity;
  readonly latencies: Latencies = new Latencies();
  readonly questions: Questions = new Questions();
  readonly #streams = new Set<() => void>();

  constructor(onDefect?: OnDefect) {
    this.activity = new Activity(onDefect);
  }

  /** Has `end` called when the server ends. Returns the way to forget it. */
  onDrain(end: () => void): () => void {
    this.#streams.add(end);
    return () => this.#streams.delete(end);
  }

  drain(): void {
    for (const end of this.#streams) end();
  }

  async close(): Promise<void> {
    this.drain();
    this.sessions.clear();
  }
}
