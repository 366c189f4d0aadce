import { StringDecoder } from 'node:string_decoder';

/** Who asks to be asked again at once would keep the gateway busy with nothing else. */
const minRetryMs = 50;
const maxRetryMs = 60_000;

/** One event of an event stream. */
export interface SseEvent {
  /** The `event` field; `message` when there was none. */
  readonly type: string;
  readonly data: string;
}

/** Where the events of a stream go. */
export interface SseSink {
  onEvent(event: SseEvent): void;
  /** The stream's last event id, with which it can be taken up again. */
  onId?(id: string): void;
  /** How long to wait before taking the stream up again, in milliseconds, as the sender asks within reason. */
  onRetry?(retryMs: number): void;
  /** An event larger than the bound; nothing more is read. */
  onTooLong(): void;
}

/**
 * Reads an event stream as it arrives, holding at most `maxBytes` of one event.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseReader {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxBytes: number;
  readonly #sink: SseSink;
  #rest = '';
  #searched = 0;
  #type = '';
  #data: string[] = [];
  #held = 0;
  #stopped = false;
  #atStart = true;

  constructor(maxBytes: number, sink: SseSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    let text = this.#rest + this.#decoder.write(chunk);
    if (this.#atStart && text !== '') {
      this.#atStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    this.#rest = this.#readLines(text);
    if (this.#held + this.#rest.length > this.#maxBytes) this.#refuse();
  }

  /** Returns what is left after the last whole line. A carriage return at the very end waits for what follows it. */
  #readLines(text: string): string {
    let start = 0;
    let from = this.#searched;
    for (;;) {
      const end = lineEnd(text, from);
      if (end === -1 || (text[end] === '\r' && end + 1 === text.length)) break;
      this.#line(text.slice(start, end));
      if (this.#stopped) return '';
      start = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
      from = start;
    }
    const rest = start === 0 ? text : text.slice(start);
    this.#searched = Math.max(0, rest.length - 1);
    return rest;
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const raw = colon === -1 ? '' : line.slice(colon + 1);
    this.#field(field, raw.startsWith(' ') ? raw.slice(1) : raw);
  }

  #field(field: string, value: string): void {
    switch (field) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data.push(value);
        this.#held += value.length + 1; // each line costs, an empty one too
        if (this.#held > this.#maxBytes) this.#refuse();
        break;
      case 'id':
        if (!value.includes('\0')) this.#sink.onId?.(value);
        break;
      case 'retry':
        if (/^\d{1,9}$/.test(value))
          this.#sink.onRetry?.(Math.max(minRetryMs, Math.min(Number(value), maxRetryMs)));
    }
  }

  #dispatch(): void {
    const type = this.#type === '' ? 'message' : this.#type;
    const data = this.#data.length === 1 ? this.#data[0] : this.#data.join('\n');
    const hadData = this.#data.length > 0;
    this.#type = '';
    this.#data = [];
    this.#held = 0;
    if (hadData && data !== undefined) this.#sink.onEvent({ type, data });
  }

  #refuse(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#rest = '';
    this.#data = [];
    this.#sink.onTooLong();
  }
}

/** Where the next line ends at or after `from`, or -1. */
function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  const carriage = text.indexOf('\r', from);
  if (carriage === -1) return newline;
  return newline === -1 ? carriage : Math.min(newline, carriage);
}
