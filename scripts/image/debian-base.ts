/**
 * A base for the stages of the build where no registry of images can be reached: the few packages of Debian that the
 * stages need, from the mirrors that apt uses here, with this checkout's Node and this machine's npm. It stands in for
 * the official image of Node on Debian.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type Tool } from './tool.ts';

const packages = ['dash', 'coreutils', 'binutils', 'libc6', 'libgcc-s1', 'libstdc++6', 'base-files'];
/** apt's own user may not write into a folder of ours, and warns of it. */
const asThisUser = ['-o', 'APT::Sandbox::User=root'];
/** Certificate authorities that this machine trusts, so that npm may trust them too. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** Makes the image of that name. Needs apt; takes some ten seconds. */
export function makeDebianBase(tool: Tool, tag: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-debian-'));
  try {
    const root = join(folder, 'root');
    unpackPackages(join(folder, 'packages'), root);
    addNode(root);
    cpSync(certificates, inFolder(root, certificates), { dereference: true });
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM scratch\nCOPY root/ /\nENV NODE_EXTRA_CA_CERTS=${certificates}\n`,
    );
    build(tool, { tag, context: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpackPackages(downloads: string, root: string): void {
  // As Debian has them since 12: packages still name both places.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const name of ['tmp', 'root', 'proc', 'dev', 'sys']) mkdirSync(join(root, name));
  mkdirSync(downloads);
  try {
    download(downloads);
  } catch {
    // Without lists of packages, or with old ones, apt finds nothing.
    apt(['update'], downloads);
    download(downloads);
  }
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  for (const file of globSync('*.deb', { cwd: downloads }).toSorted()) {
    const path = join(downloads, file);
    execFileSync('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"',
      path,
      root,
    ]);
    const record = execFileSync('dpkg-deb', ['--field', path], { encoding: 'utf8' });
    appendFileSync(join(root, 'var/lib/dpkg/status'), `${record}Status: install ok installed\n\n`);
  }
}

/** Fetches these packages and all that they need, as if nothing were installed. */
function download(folder: string): void {
  const nothing = ['-o', 'Dir::State::status=/dev/null', '-o', 'APT::Install-Recommends=false'];
  const plan = apt(['install', '--simulate', ...nothing, ...packages], folder);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '');
  apt(['download', ...asThisUser, ...names], folder);
}

function apt(args: readonly string[], cwd: string): string {
  return execFileSync('apt-get', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function addNode(root: string): void {
  cpSync(process.execPath, inFolder(root, '/usr/local/bin/node'), { dereference: true });
  const command = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const npm = resolve(realpathSync(command), '../..');
  cpSync(npm, inFolder(root, '/usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

function inFolder(root: string, path: string): string {
  const place = join(root, path);
  mkdirSync(resolve(place, '..'), { recursive: true });
  return place;
}
