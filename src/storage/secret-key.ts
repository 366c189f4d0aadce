/** `VMCP_SECRET_KEY`, and the keys that are derived from it: one for each purpose, so that none can be used for another. */
import { hkdfSync } from 'node:crypto';

/** The variable's name, as people are told it. */
export const secretKeyVariable = 'VMCP_SECRET_KEY';

/** A key that what is encrypted names, so that it is found again while keys are being replaced. */
export interface DerivedKey {
  /** Tells keys apart, and nothing about them. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Buffer;
}

/** The keys of one purpose. */
export interface DerivedKeys {
  /** What is written is encrypted with this. */
  readonly current: DerivedKey;
  /** With those that are being replaced. */
  readonly all: readonly DerivedKey[];
  /** The key of this id; undefined where there is none. */
  find(id: string): DerivedKey | undefined;
}

/** Why `VMCP_SECRET_KEY` cannot be used. The message does not quote it. */
export class SecretKeyError extends Error {
  readonly code = 'secret_key';
  constructor(message: string) {
    super(message);
    this.name = 'SecretKeyError';
  }
}

const howToMake = 'make one with "openssl rand -base64 32"';

/**
 * The secrets that `VMCP_SECRET_KEY` holds, the one in use first.
 * @param written base64 of 32 bytes; two with a comma between while one replaces the other, the new one first
 * @returns undefined where the variable is not set
 * @throws SecretKeyError where it holds something else
 */
export function readSecretKeys(written: string | undefined): readonly Buffer[] | undefined {
  if (written === undefined || written.trim() === '') return undefined;
  const texts = written.split(',').map((text) => text.trim());
  if (texts.length > 2)
    throw new SecretKeyError(`${secretKeyVariable}: expected one key, or two with a comma between`);
  return texts.map(parseKey);
}

/**
 * Derives the keys of one purpose (HKDF-SHA256).
 * @param secrets one or more, the one in use first
 * @param purpose such as `tokens`; other purposes have other keys
 * @throws RangeError where there is no secret
 */
export function deriveKeys(secrets: readonly Uint8Array[], purpose: string): DerivedKeys {
  const all = secrets.map((secret) => derive(secret, purpose));
  const [current] = all;
  if (current === undefined) throw new RangeError('expected at least one secret to derive keys from');
  return { current, all, find: (id) => all.find((key) => key.id === id) };
}

function parseKey(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 32 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return bytes;
  throw new SecretKeyError(
    `${secretKeyVariable}: expected base64 of 32 bytes, found something else; ${howToMake}`,
  );
}

function derive(secret: Uint8Array, purpose: string): DerivedKey {
  const expand = (info: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'vmcp', info, length));
  return { id: expand(`${purpose} id`, 6).toString('base64url'), bytes: expand(purpose, 32) };
}
