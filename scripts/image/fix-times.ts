import { lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives all in a folder the same time, so that a layer with the same files is the same layer, whenever it was built. */
export function fixTimes(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(folder, path), 0, 0);
  lutimesSync(folder, 0, 0);
}
