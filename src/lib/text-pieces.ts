import type { Writable } from 'node:stream';

/**
 * Text on its way out: whole, or in pieces of which the large ones are UTF-8 already, so that nobody on the way copies or
 * converts them.
 */
export type TextPieces = string | readonly (string | Uint8Array)[];

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

/** Writes it, in one go where the stream can. */
export function writePieces(stream: Writable, text: TextPieces): void {
  if (typeof text === 'string') return void stream.write(text);
  stream.cork();
  for (const piece of text) stream.write(piece);
  stream.uncork();
}
