import type { TextPieces } from '../../../lib/text-pieces.ts';

/**
 * The way back to the client for one request, whatever the transport. Nothing here waits or throws: a client that is
 * gone, or reads too slowly, must not hold up a call.
 */
export interface Reply {
  /** Sends a message that comes before the answer: a notification, or a request to a legacy client. */
  send(text: string): void;
  /** Sends a notification that may be dropped when the client does not keep up. */
  offer(text: string): void;
  /** Sends the answer. `status` is the HTTP status where there is one and it can still be chosen. */
  answer(text: TextPieces, status: number): void;
  /** Ends without an answer: the client cancelled and expects none. */
  drop(): void;
}
