import type { Meter } from './meter.ts';

/** Texts up to this long are compared, or looked up, within the time of a step. */
export const longText = 1024;

/** Pays for comparing a text with an equal one, where that takes longer than a step. */
export function payText(meter: Meter, text: string): void {
  if (text.length > longText) meter.work(text.length >>> 6);
}
