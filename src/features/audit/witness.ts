import type { Result, Stage } from '../../gateway/index.ts';
import { errorCodes, ProtocolError } from '../../protocol/index.ts';
import { messageOf } from '../../lib/thrown.ts';
import type { Journal, OpenRecord } from './journal.ts';
import { outcomeOfAbort, outcomeOfError, outcomeOfResult } from './outcome.ts';

export interface WitnessOptions {
  readonly journal: Journal;
  /** Whether a request may not run before it is recorded that it begins. */
  readonly refuses: boolean;
  /** Told why a request was refused because it could not be recorded. */
  readonly onRefused: (why: string) => void;
  /** Monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * The stage that records each request of a client and each call of a script, when its outcome is known. An abort that came
 * before the outcome decides, as in the counting of calls: both tell the same.
 */
export function witnessRequests({
  journal,
  refuses,
  onRefused,
  now = () => performance.now(),
}: WitnessOptions): Stage {
  return async (request, next) => {
    const record = journal.open(request);
    if (record === undefined) return next(request);
    const startMs = now();
    let result: Result | undefined;
    let thrown: unknown;
    try {
      if (refuses) await begin(record, onRefused);
      result = await next({ ...request, trail: record.trail });
      return result;
    } catch (error) {
      thrown = error;
      throw error;
    } finally {
      const { signal } = request;
      const answered = (): ReturnType<typeof outcomeOfError> =>
        result === undefined
          ? outcomeOfError(thrown, journal.detects)
          : outcomeOfResult(result, journal.detects);
      const outcome = signal.aborted ? outcomeOfAbort(signal.reason) : answered();
      record.ended(outcome, now() - startMs, result);
    }
  };
}

async function begin(record: OpenRecord, onRefused: (why: string) => void): Promise<void> {
  try {
    await record.started();
  } catch (error) {
    onRefused(messageOf(error));
    throw new ProtocolError(
      errorCodes.internalError,
      'refused: the audit log cannot be written, and this server runs nothing unrecorded',
    );
  }
}
