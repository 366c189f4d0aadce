/**
 * Rules about files that a configuration names for its backends. A file may come after the configuration, or be there only
 * where the server runs, so what is wrong with one is a warning; until it is there the backend is not.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { holdsCertificate } from '../lib/certificates.ts';
import { FollowedFile } from '../lib/followed-file.ts';
import { faultOfCredential, maxHeaderValueBytes } from '../lib/header-text.ts';
import { messageOf } from '../lib/thrown.ts';
import type { Path } from './document.ts';
import type { FileView, Rule } from './file-view.ts';
import { entriesOf } from './tree.ts';

const maxPemBytes = 1024 * 1024;

export const credentialFileRules: readonly Rule[] = [
  function certificatesOfBackends(file) {
    for (const index of file.items('backends').keys()) {
      const ca = ['backends', index, 'caBundlePath'];
      const text = read(file, ca, maxPemBytes);
      if (text !== undefined && !holdsCertificate(text))
        file.warn(ca, 'caBundlePath: expected certificates as PEM in the file, found none');
      clientCertificate(file, ['backends', index, 'tls']);
    }
  },

  function filesOfHeaders(file) {
    const named = entriesOf(file.at('outgoingAuth', 'backends')).map(([name]) => ['backends', name]);
    for (const strategy of [['default'], ...named]) {
      const path = ['outgoingAuth', ...strategy, 'headerInjection', 'headerValueFile'];
      const text = read(file, path, maxHeaderValueBytes);
      const fault = text === undefined ? undefined : faultOfCredential(text.trim());
      if (fault !== undefined) file.warn(path, `headerValueFile: in the file, ${fault}`);
      expectPrivate(file, path);
    }
  },
];

function clientCertificate(file: FileView, path: Path): void {
  const [certFile, keyFile] = [
    [...path, 'certFile'],
    [...path, 'keyFile'],
  ] as const;
  const cert = read(file, certFile, maxPemBytes);
  const key = read(file, keyFile, maxPemBytes);
  if (cert !== undefined && !holdsCertificate(cert))
    file.warn(certFile, 'certFile: expected a certificate as PEM in the file, found none');
  else if (cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      file.warn(keyFile, `the certificate and the key cannot be used together: ${messageOf(error)}`);
    }
  }
  expectPrivate(file, keyFile);
}

/** What the file holds that the value at a path names; undefined, and told, when it cannot be read. */
function read(file: FileView, path: Path, maxBytes: number): string | undefined {
  const name = pathAt(file, path);
  if (name === undefined) return undefined;
  try {
    return new FollowedFile(name, { maxBytes }).read().text;
  } catch (error) {
    file.warn(path, `${path.at(-1)}: the file cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

/** A file with a secret in it that everybody on the machine can read is told of. */
function expectPrivate(file: FileView, path: Path): void {
  const name = pathAt(file, path);
  const mode = name === undefined ? undefined : statSync(name, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === 'win32' || (mode & 0o007) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  file.warn(
    path,
    `${path.at(-1)}: every user of this machine has access to the file (mode ${octal}): make it 0600`,
  );
}

function pathAt(file: FileView, path: Path): string | undefined {
  const name = file.at(...path);
  return typeof name === 'string' && name !== '' ? resolve(file.surroundings.folder, name) : undefined;
}
