import type { Writable } from 'node:stream';

/**
 * Text on its way out: whole, or in pieces of which the large ones are UTF-8 already, so that nobody on the way copies or
 * converts them.
 */
export type TextPieces = string | readonly (string | Uint8Array)[];

/** The memory of pieces that nobody reads again once they are written. */
const singleUse = new WeakSet<ArrayBufferLike>();

/**
 * Marks a piece that is read no more once it is written out as a whole answer: its memory is then free at once. Left to
 * the garbage collector, a megabyte with each answer makes V8 mark the whole heap several times a second. A piece that
 * shares its memory with others is left as it is.
 */
export function usedOnce(piece: Uint8Array): Uint8Array {
  if (piece.byteLength === piece.buffer.byteLength) singleUse.add(piece.buffer);
  return piece;
}

/** Frees the memory of the pieces that were marked as `usedOnce`. */
export function letGoOf(text: TextPieces): void {
  if (typeof text === 'string') return;
  for (const piece of text) {
    if (typeof piece === 'string' || !singleUse.has(piece.buffer)) continue;
    if (piece.buffer instanceof ArrayBuffer && !piece.buffer.detached) piece.buffer.transfer(0);
  }
}

/** One text after another. */
export function joinPieces(...texts: readonly TextPieces[]): TextPieces {
  return texts.every((text) => typeof text === 'string') ? texts.join('') : texts.flat();
}

/** Without the first character, which is one of ASCII. */
export function withoutFirst(text: TextPieces): TextPieces {
  if (typeof text === 'string') return text.slice(1);
  const [first = '', ...rest] = text;
  return [typeof first === 'string' ? first.slice(1) : first.subarray(1), ...rest];
}

/** Its length in UTF-8. */
export function byteLengthOf(text: TextPieces): number {
  if (typeof text === 'string') return Buffer.byteLength(text);
  return text.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
}

/** All in one string. */
export function pieceText(text: TextPieces): string {
  if (typeof text === 'string') return text;
  return text.map((piece) => (typeof piece === 'string' ? piece : new TextDecoder().decode(piece))).join('');
}

/** Writes it, in one go where the stream can. `onWritten` is called once all of it has left the process, if it does. */
export function writePieces(stream: Writable, text: TextPieces, onWritten?: () => void): void {
  // Not after an error: the operating system may still be reading what a stream was destroyed with.
  const ended = onWritten && ((error?: Error | null) => void (error ?? onWritten()));
  if (typeof text === 'string') return void stream.write(text, ended);
  stream.cork();
  for (const [index, piece] of text.entries())
    stream.write(piece, index === text.length - 1 ? ended : undefined);
  stream.uncork();
}
