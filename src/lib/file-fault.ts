import { codeOf, messageOf } from './thrown.ts';

/** Why a file could not be read, in words that read on from its name. */
export function whyNotRead(error: unknown): string {
  return (
    words(error, {
      ENOENT: 'no such file',
      ENOTDIR: 'no such file: a part of its path is not a folder',
      EISDIR: 'expected a file, found a folder',
    }) ?? `cannot be read: ${messageOf(error)}`
  );
}

/** Why a file could not be written, in words that read on from its name. */
export function whyNotWritten(error: unknown): string {
  return (
    words(error, {
      ENOENT: 'cannot be written: its folder does not exist',
      ENOTDIR: 'cannot be written: a part of its path is not a folder',
      EISDIR: 'cannot be written: it is a folder',
      EEXIST: 'it exists already and is left as it is',
      EROFS: 'cannot be written: the file system is read-only',
      ENOSPC: 'cannot be written: the disk is full',
    }) ?? `cannot be written: ${messageOf(error)}`
  );
}

function words(error: unknown, known: Readonly<Record<string, string>>): string | undefined {
  const code = codeOf(error) ?? '';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'its symbolic links lead in a circle';
  return Object.hasOwn(known, code) ? known[code] : undefined;
}
