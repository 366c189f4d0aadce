import { readFileSync } from 'node:fs';
import { AppError } from './app-error.ts';
import { holdsCertificate } from '../lib/certificates.ts';
import { messageOf } from '../lib/thrown.ts';

/**
 * The certificates of a PEM file.
 * @param key where the configuration names the file
 * @throws AppError `cannot_read_file` where it cannot be read, or holds none
 */
export function readCertificate(key: string, path: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('cannot_read_file', `${key}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (holdsCertificate(pem)) return pem;
  throw new AppError('cannot_read_file', `${key}: expected certificates as PEM in ${path}, found none`);
}
