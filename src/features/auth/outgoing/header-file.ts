import { CredentialError } from '../../../gateway/index.ts';
import { FollowedFile, type FileReading } from '../../../lib/followed-file.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { faultOfCredential, maxHeaderValueBytes, secretsInHeader } from '../../../lib/header-text.ts';

export interface HeaderFileOptions {
  readonly path: string;
  /** See `OutgoingOptions`. */
  onSecrets(source: string, secrets: readonly string[]): void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A file that holds the value of a header, whole: `Bearer …`, not the token alone. */
export interface HeaderFile {
  /**
   * What the file holds now, without the space and line breaks around it. A value that the file no longer holds is never
   * used again: a file that is taken away ends what it let in.
   * @throws CredentialError when it cannot be read, or holds no header's value
   */
  value(): string;
}

/** Looks at the file at each use, and reads it when it has changed. */
export function createHeaderFile({ path, onSecrets, now }: HeaderFileOptions): HeaderFile {
  const file = new FollowedFile(path, { maxBytes: maxHeaderValueBytes, ...(now && { now }) });
  let used: { readonly version: number; readonly value: string } | undefined;
  return {
    value() {
      const { text, version } = read(file);
      if (used?.version === version) return used.value;
      const value = text.trim();
      const fault = faultOfCredential(value);
      if (fault !== undefined) throw new CredentialError(`in the file of "headerValueFile": ${fault}`);
      onSecrets(path, secretsInHeader(value));
      used = { version, value };
      return value;
    },
  };
}

function read(file: FollowedFile): FileReading {
  try {
    return file.read();
  } catch (error) {
    const message = `the file of "headerValueFile" cannot be read: ${messageOf(error)}`;
    throw new CredentialError(message, { cause: error });
  }
}
