import { z } from 'zod';
import type { Defaulted } from './parts.ts';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1000,
  m: 1000 ** 2,
  mb: 1000 ** 2,
  g: 1000 ** 3,
  gb: 1000 ** 3,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
};

const expected = 'expected a size: a number of bytes, or a text such as "64 MiB"';
const sizeText = /^(\d+(?:\.\d+)?)\s*([KMGkmg]?i?[Bb]?)$/;

/**
 * Reads a size in bytes: a plain number, or a number with a unit as people and Kubernetes write it (`64 MiB`, `64Mi`,
 * `1MB`; with an `i` it counts in 1024s).
 * @returns whole bytes, or undefined when the text is no such size
 */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = sizeText.exec(text.trim()) ?? [];
  const factor = factors[unit?.toLowerCase() ?? ''];
  return amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor);
}

/** A key that holds a size of at least `leastBytes`. Its output is bytes. */
export function size(rules: {
  readonly fallback: string;
  readonly leastBytes: number;
}): Defaulted<number, number | string> {
  return boundedSize(rules.leastBytes).prefault(rules.fallback);
}

/** The same, which may be left out: what it is then depends on other keys. */
export function openSize(rules: {
  readonly leastBytes: number;
}): z.ZodOptional<z.ZodType<number, number | string>> {
  return boundedSize(rules.leastBytes).optional();
}

function boundedSize(leastBytes: number): z.ZodType<number, number | string> {
  return z
    .union(
      [
        z.number().meta({ type: 'integer', minimum: leastBytes }),
        z.string().regex(sizeText, { error: expected }),
      ],
      { error: expected },
    )
    .transform((value, context) => {
      const bytes = typeof value === 'number' ? value : (parseSize(value) ?? Number.NaN);
      if (!Number.isSafeInteger(bytes) || bytes < leastBytes) {
        context.addIssue({ code: 'custom', message: `expected a size of at least ${leastBytes} bytes` });
      }
      return bytes;
    });
}
