/**
 * Credentials on disk: one file, readable by its owner alone, in which each entry is encrypted. What an entry belongs to is
 * not secret and stands beside it; it is bound to the entry, so that none can be passed off as another's.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FollowedFile } from '../lib/followed-file.ts';
import { codeOf } from '../lib/thrown.ts';
import { withFileLock } from './file-lock.ts';
import type { DerivedKeys } from './secret-key.ts';

/** Whose a credential is, and for what. */
export interface TokenOwner {
  /** The `name` of the configuration. */
  readonly server: string;
  /** Who gave it. */
  readonly issuer: string;
  /** For whom; empty for everyone. */
  readonly subject: string;
  readonly backend: string;
}

export interface StoredToken<Value> {
  readonly owner: TokenOwner;
  /** Undefined where no key that is known opens it. */
  readonly value: Value | undefined;
}

export interface TokenFile<Value> {
  readonly path: string;
  /**
   * Everything that is stored. The file is looked at each time, and read when it has changed.
   * @throws Error when it is there and cannot be read
   */
  entries(): readonly StoredToken<Value>[];
  /**
   * Changes what is stored while no other process does.
   * @param change is given what is stored now, and returns what is to be; the same array for no change
   */
  update(
    change: (entries: readonly StoredToken<Value>[]) => Promise<readonly StoredToken<Value>[]>,
  ): Promise<void>;
}

/** An entry in the file. */
interface Sealed {
  readonly owner: TokenOwner;
  /** Of the key that it is encrypted with. */
  readonly key: string;
  readonly nonce: string;
  /** With the tag of AES-256-GCM at its end. */
  readonly data: string;
}

const version = 1;
const maxBytes = 16 * 1024 * 1024;
const tagBytes = 16;

/** @param path absolute; it and its folder need not be there yet */
export function openTokenFile<Value>(path: string, keys: DerivedKeys): TokenFile<Value> {
  const file = new FollowedFile(path, { maxBytes });
  let read: { readonly version: number; readonly entries: readonly StoredToken<Value>[] } | undefined;
  const opened = new Map<StoredToken<Value>, Sealed>();

  const entries = (): readonly StoredToken<Value>[] => {
    const reading = readIfThere(file);
    if (reading === undefined) return [];
    if (read?.version !== reading.version) {
      opened.clear();
      const stored = parse(reading.text).map((sealed): StoredToken<Value> => {
        const entry = { owner: sealed.owner, value: unseal<Value>(sealed, keys) };
        opened.set(entry, sealed);
        return entry;
      });
      read = { version: reading.version, entries: stored };
    }
    return read.entries;
  };
  return {
    path,
    entries,
    update: async (change) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await withFileLock(`${path}.lock`, async () => {
        const before = entries();
        const after = await change(before);
        if (after === before) return;
        // What cannot be opened stays as it is: its key may come back.
        const sealed = after.flatMap(
          (entry) => (entry.value === undefined ? opened.get(entry) : seal(entry, keys)) ?? [],
        );
        await replace(path, JSON.stringify({ version, entries: sealed }, null, 1));
      });
    },
  };
}

function readIfThere(file: FollowedFile): ReturnType<FollowedFile['read']> | undefined {
  try {
    return file.read();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || (error instanceof Error && codeOf(error.cause) === 'ENOENT'))
      return undefined;
    throw error;
  }
}

function parse(text: string): readonly Sealed[] {
  const { version: found, entries } = JSON.parse(text) as { version?: number; entries?: Sealed[] };
  if (found !== version || !Array.isArray(entries))
    throw new Error(`expected version ${version} of a file of credentials, found ${String(found)}`);
  return entries;
}

/** What is bound to an entry without being part of it. */
function boundTo({ server, issuer, subject, backend }: TokenOwner): Buffer {
  return Buffer.from(JSON.stringify(['vmcp token', server, issuer, subject, backend]));
}

function seal<Value>({ owner, value }: StoredToken<Value>, { current }: DerivedKeys): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce).setAAD(boundTo(owner));
  const data = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()]);
  return { owner, key: current.id, nonce: nonce.toString('base64'), data: data.toString('base64') };
}

function unseal<Value>({ owner, key: id, nonce, data }: Sealed, keys: DerivedKeys): Value | undefined {
  const key = keys.find(id);
  if (key === undefined) return undefined;
  const bytes = Buffer.from(data, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64'))
    .setAAD(boundTo(owner))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Value;
  } catch {
    // Changed by somebody without the key.
    return undefined;
  }
}

/** Whole or not at all, whenever the process ends. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
