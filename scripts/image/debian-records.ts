import { readFileSync } from 'node:fs';

/** Debian's packages of the libraries that Node loads, and with it the image. */
export const libraryPackages = ['libc6', 'libgcc-s1', 'libstdc++6'] as const;

/** What dpkg knows of an installed package, as it writes it. @throws Error where it is not installed */
export function debianRecord(name: string): string {
  const records = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
  const record = records.find((text) => text.split('\n').includes(`Package: ${name}`));
  if (record === undefined) throw new Error(`expected Debian's package ${name} in the base of the build`);
  return record;
}

/** One field of a record. */
export function fieldOf(record: string, field: string): string {
  const line = record.split('\n').find((text) => text.startsWith(`${field}: `));
  if (line === undefined)
    throw new Error(`expected the field ${field} in the record of a package, found\n${record}`);
  return line.slice(field.length + 2);
}
