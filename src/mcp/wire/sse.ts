/**
 * Server-sent events as the Streamable HTTP transport writes them: one JSON-RPC message an event.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

import { joinPieces, type TextPieces } from '../../lib/text-pieces.ts';

export const sseContentType = 'text/event-stream';

/** Response headers of a stream; the last keeps reverse proxies from holding events back. */
export const sseHeaders: Readonly<Record<string, string>> = {
  'content-type': sseContentType,
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** A comment line: keeps a quiet stream from being closed by whoever is in between. */
export const sseKeepAlive = ': keep-alive\n\n';

/** One message as an event. `text` is one line of JSON; `id` lets the client resume after it. */
export function sseEvent(text: TextPieces, id?: string): TextPieces {
  return joinPieces(`event: message\n${id === undefined ? '' : `id: ${id}\n`}data: `, text, '\n\n');
}

/** An event with an id and no data, so that a client can resume a stream that never carried a message. */
export function ssePrimer(id: string, retryMs: number): string {
  return `id: ${id}\nretry: ${retryMs}\ndata: \n\n`;
}
