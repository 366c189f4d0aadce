import type { Path } from './document.ts';
import type { FileView } from './file-view.ts';
import { entriesOf } from './tree.ts';

/** Where strategies of `outgoingAuth` may stand in a file: the default, and those of backends. */
export function strategyPaths(file: FileView): Path[] {
  const named = entriesOf(file.at('outgoingAuth', 'backends')).map(([name]) => [
    'outgoingAuth',
    'backends',
    name,
  ]);
  return [['outgoingAuth', 'default'], ...named];
}
