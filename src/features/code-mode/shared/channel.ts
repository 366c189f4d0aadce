/**
 * The pipe between the gateway's process and that of a script thread. Whole messages cross it, in order, as JSON; long
 * texts follow theirs as bytes, since to escape and to read them as JSON would cost ten times as much. Not as V8 writes
 * messages (`node:v8`): what it writes and reads stays in memory until it collects everything.
 */
import type { Duplex } from 'node:stream';
import { joinChunks } from '../../../lib/join-chunks.ts';
import { byteLengthOf, letGoOf, usedOnce, writePieces } from '../../../lib/text-pieces.ts';

/** The file descriptor at which a script process finds its end. */
export const channelFd = 3;

/** Bytes that follow a message as they are, in the pieces in which they came: nobody joins or copies them. */
export type Attachment = readonly Uint8Array[];

/** A message in the bytes that cross the pipe. Can be sent once. */
export interface EncodedMessage {
  readonly pieces: readonly Uint8Array[];
  /** Of all of it, in bytes. */
  readonly byteLength: number;
}

/** Characters from which a text is long. */
const longLength = 1024;

/** Before each message, as 32-bit numbers: the lengths of its JSON, of its long texts and of its attachment, in bytes. */
const headerBytes = 12;

/** What stands in a message's JSON for a long text: how it is encoded, and its length in bytes. No message has such a member. */
interface LongText {
  readonly 'long text': readonly [encoding: 'latin1' | 'utf16le', byteLength: number];
}

/** One end of the pipe. Messages are what JSON can hold; members that are undefined are left out. */
export class Channel<Out, In> {
  readonly #stream: Duplex;
  readonly #onMessage: (message: In, attachment: Attachment) => void;
  readonly #onBroken: ((thrown: unknown) => void) | undefined;
  readonly #arrived: Buffer[] = [];
  #arrivedLength = 0;
  #expected: { readonly json: number; readonly texts: number; readonly attachment: number } | undefined;

  /**
   * `onMessage` is called for each message of the other end, once all of its attachment is there; it must not throw.
   * `onBroken` is called when what arrives cannot be read, nor anything that follows it; unless given, the error is thrown.
   */
  constructor(
    stream: Duplex,
    onMessage: (message: In, attachment: Attachment) => void,
    onBroken?: (thrown: unknown) => void,
  ) {
    this.#stream = stream;
    this.#onMessage = onMessage;
    this.#onBroken = onBroken;
    const receive = (chunk: Buffer): void => {
      try {
        this.#receive(chunk);
      } catch (thrown) {
        stream.off('data', receive);
        if (this.#onBroken === undefined) throw thrown;
        this.#onBroken(thrown);
      }
    };
    stream.on('data', receive);
    // The process at the other end is gone. Its exit tells so too, and why.
    stream.on('error', () => undefined);
  }

  /** Sends a message and, after it, an attachment. What is sent to a process that has gone is dropped. */
  send(message: Out, attachment?: Uint8Array): void {
    this.sendEncoded(encodeMessage(message, attachment));
  }

  /** As `send`. */
  sendEncoded({ pieces }: EncodedMessage): void {
    writePieces(this.#stream, pieces, () => letGoOf(pieces));
  }

  #receive(chunk: Buffer): void {
    this.#arrived.push(chunk);
    this.#arrivedLength += chunk.length;
    for (;;) {
      if (this.#expected === undefined) {
        if (this.#arrivedLength < headerBytes) return;
        const header = joinChunks(this.#take(headerBytes));
        this.#expected = {
          json: header.readUInt32LE(0),
          texts: header.readUInt32LE(4),
          attachment: header.readUInt32LE(8),
        };
      }
      const { json, texts, attachment } = this.#expected;
      if (this.#arrivedLength < json + texts + attachment) return;
      this.#expected = undefined;
      const message = decode(joinChunks(this.#take(json)), joinChunks(this.#take(texts))) as In;
      this.#onMessage(message, this.#take(attachment));
    }
  }

  /** The next so many of the bytes that have arrived. */
  #take(length: number): Buffer[] {
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const [chunk] = this.#arrived;
      if (chunk === undefined) break;
      this.#arrived.shift();
      taken.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.#arrived.unshift(chunk.subarray(missing));
      missing -= chunk.length;
    }
    this.#arrivedLength -= length;
    return taken;
  }
}

/**
 * The bytes of a message, for one that is to wait before it is sent: they are outside of V8's heap, which then need not
 * keep its texts.
 */
export function encodeMessage(message: unknown, attachment?: Uint8Array): EncodedMessage {
  const texts: Uint8Array[] = [];
  const json = JSON.stringify(message, (_key, part: unknown) => {
    return typeof part === 'string' && part.length >= longLength ? takeOut(part, texts) : part;
  });
  const jsonLength = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(headerBytes + jsonLength);
  head.writeUInt32LE(jsonLength, 0);
  head.writeUInt32LE(byteLengthOf(texts), 4);
  head.writeUInt32LE(attachment?.length ?? 0, 8);
  head.write(json, headerBytes);
  const pieces = [head, ...texts, ...(attachment === undefined ? [] : [attachment])];
  return { pieces, byteLength: byteLengthOf(pieces) };
}

/** The other encoding keeps all of JavaScript's strings, halves of surrogate pairs too, and is as quick. */
function takeOut(text: string, texts: Uint8Array[]): LongText {
  const encoding = Buffer.byteLength(text) === text.length ? 'latin1' : 'utf16le';
  const bytes = Buffer.from(text, encoding);
  texts.push(usedOnce(bytes));
  return { 'long text': [encoding, bytes.length] };
}

function decode(json: Buffer, texts: Buffer): unknown {
  const text = json.toString();
  if (texts.length === 0) return JSON.parse(text);
  let at = 0;
  return JSON.parse(text, (_key, part: unknown) => {
    if (!isLongText(part)) return part;
    const [encoding, length] = part['long text'];
    return texts.toString(encoding, at, (at += length));
  });
}

function isLongText(part: unknown): part is LongText {
  return typeof part === 'object' && part !== null && 'long text' in part;
}
