/**
 * Runs while the image is built, on Debian: puts what Node needs of the system into a folder that becomes the image's
 * root. That is Node itself, stripped; the shared libraries that it loads; a user; and who made the libraries, where
 * scanners for vulnerabilities look for it.
 *
 * Usage: node system.ts FOLDER
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianRecord, libraryPackages } from './debian-records.ts';
import { fixTimes } from './fix-times.ts';

const target = process.argv[2];
if (target === undefined) throw new Error('usage: node system.ts FOLDER');

writeNode();
for (const library of sharedLibraries()) copy(realpathSync(library), library);
for (const name of libraryPackages) copyPackageRecord(name);
if (existsSync('/etc/os-release')) copy(realpathSync('/etc/os-release'), '/etc/os-release');
write('/etc/passwd', 'vmcp:x:65532:65532:vmcp:/tmp:/sbin/nologin\n');
write('/etc/group', 'vmcp:x:65532:\n');
write('/etc/nsswitch.conf', 'hosts: files dns\n');
for (const folder of ['app', 'tmp']) mkdirSync(join(target, folder));
chmodSync(join(target, 'tmp'), 0o1777);
fixTimes(target);

function writeNode(): void {
  const node = inTarget('/usr/local/bin/node');
  execFileSync('strip', ['-o', node, process.execPath]);
  chmodSync(node, 0o755);
}

/** Absolute paths, the dynamic linker included, as this very process has loaded them. */
function sharedLibraries(): string[] {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  const libraries = sharedObjects.filter((path) => /^\/(usr\/)?lib/.test(path));
  if (!libraries.some((path) => path.includes('libc.so')))
    throw new Error(`expected the C library among what node has loaded, found ${sharedObjects.join(', ')}`);
  return libraries;
}

/** In the form of distroless images: one file for each package, and its licence. */
function copyPackageRecord(name: string): void {
  write(`/var/lib/dpkg/status.d/${name}`, `${debianRecord(name)}\n`);
  const licence = `/usr/share/doc/${name}/copyright`;
  if (existsSync(licence)) copy(realpathSync(licence), licence);
}

function copy(from: string, to: string): void {
  cpSync(from, inTarget(to));
}

function write(path: string, text: string): void {
  writeFileSync(inTarget(path), text);
}

/** Where `path` of the image lies now; its folder is made. */
function inTarget(path: string): string {
  const place = join(target ?? '', path);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}
