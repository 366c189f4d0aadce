import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Holds a text to what a file says. `UPDATE_GOLDEN=1 node --test FILE.test.ts` writes the file anew; read its diff.
 */
export function matchesGolden(file: URL, actual: string): void {
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, actual);
  }
  assert.equal(actual, readFileSync(file, 'utf8'));
}
