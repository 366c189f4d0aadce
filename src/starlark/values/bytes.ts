import { scanning } from './costs.ts';
import type { Meter } from './meter.ts';

/** A Starlark `bytes`: values from 0 to 255 that never change. */
export class Bytes {
  readonly data: Uint8Array;
  /** The hash as a dict key (see keys.ts); 0 until it is asked for. */
  hash: number = 0;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  get type(): string {
    return 'bytes';
  }
}

/** Byte-wise order: negative, zero or positive. The meter pays for what they have in common. */
export function compareBytes(x: Bytes, y: Bytes, meter?: Meter): number {
  const length = Math.min(x.data.length, y.data.length);
  let i = 0;
  for (let to = 0; i === to && to < length;) {
    to = Math.min(to + 4096, length);
    meter?.work(scanning(to - i));
    while (i < to && x.data[i] === y.data[i]) i++;
  }
  if (i === length) return x.data.length - y.data.length;
  return (x.data[i] as number) - (y.data[i] as number);
}

/** One UTF-16 code unit for each byte: lets string search work on bytes. */
export function latin1(meter: Meter, { data }: Bytes): string {
  meter.charge(16 + data.length);
  meter.work(data.length);
  let text = '';
  for (let start = 0; start < data.length; start += 8192) {
    text += String.fromCharCode(...data.subarray(start, start + 8192));
  }
  return text;
}
