import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deriveKeys, type DerivedKey, type DerivedKeys } from './secret-key.ts';

/** What a sealed text is for; a text that was sealed for one purpose does not open for another. */
export type Purpose = 'session' | 'message';

const nonceBytes = 12;
const tagBytes = 16;
const signatureBytes = 12;
const algorithm = 'aes-256-gcm';

/**
 * Seals texts (AES-256-GCM) so that every replica with the same secret, and nothing else, can open them. The first
 * secret seals; all of them open, so that a secret can be replaced.
 */
export class Sealer {
  readonly #cipherKeys: Readonly<Record<Purpose, DerivedKeys>>;
  readonly #signingKeys: DerivedKeys;

  /** @param secrets one or more, each of at least 16 bytes */
  constructor(secrets: readonly Uint8Array[]) {
    this.#cipherKeys = { session: deriveKeys(secrets, 'session'), message: deriveKeys(secrets, 'message') };
    this.#signingKeys = deriveKeys(secrets, 'signature');
  }

  /**
   * @param about what the text belongs to: it opens for the same parts alone
   * @returns letters, digits, `-`, `_` and one dot
   */
  seal(purpose: Purpose, text: string, about: readonly string[]): string {
    const key = this.#cipherKeys[purpose].current;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key.bytes, nonce);
    cipher.setAAD(joined([key.id, ...about]));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${key.id}.${sealed.toString('base64url')}`;
  }

  /** The text; undefined where it was not sealed by one of the keys, for this purpose, about the same parts. */
  open(purpose: Purpose, sealed: string, about: readonly string[]): string | undefined {
    const dot = sealed.indexOf('.');
    const key = this.#cipherKeys[purpose].find(sealed.slice(0, dot));
    if (key === undefined) return undefined;
    const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    const decipher = createDecipheriv(algorithm, key.bytes, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(joined([key.id, ...about]));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      // Changed on the way, or about something else: which, nothing can tell.
      return undefined;
    }
  }

  /** A short signature of these parts, for names that a client brings back. */
  sign(parts: readonly string[]): string {
    return signatureOf(this.#signingKeys.current, parts);
  }

  isSigned(signature: string, parts: readonly string[]): boolean {
    return this.#signingKeys.all.some((key) => isSameText(signatureOf(key, parts), signature));
  }
}

function signatureOf({ bytes }: DerivedKey, parts: readonly string[]): string {
  return createHmac('sha256', bytes)
    .update(joined(parts))
    .digest()
    .subarray(0, signatureBytes)
    .toString('base64url');
}

/** Compares in a time that does not tell where texts differ. */
function isSameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** No two lists of parts make the same bytes. */
function joined(parts: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(parts));
}
