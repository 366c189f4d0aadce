import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { joinChunks } from '../../../lib/join-chunks.ts';

/** Why a body was not read whole. */
export type BodyFault = 'too-large' | 'not-utf8' | 'cut-off';

/**
 * The text of a request's body, of at most `maxBytes`. Never rejects. After `too-large` the rest is left unread: whoever
 * answers must close the connection.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly text: string } | { readonly fault: BodyFault }> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return Promise.resolve({ fault: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      request.pause();
      request.removeAllListeners('data');
      resolve({ fault: 'too-large' });
    });
    request.on('end', () => {
      const whole = joinChunks(chunks);
      resolve(isUtf8(whole) ? { text: whole.toString('utf8') } : { fault: 'not-utf8' });
    });
    request.on('error', () => resolve({ fault: 'cut-off' }));
    request.on('close', () => resolve({ fault: 'cut-off' }));
  });
}
