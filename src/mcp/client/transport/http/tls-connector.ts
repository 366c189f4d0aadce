import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { holdsCertificate, trustedWith } from '../../../../lib/certificates.ts';
import { FollowedFile } from '../../../../lib/followed-file.ts';
import { messageOf } from '../../../../lib/thrown.ts';

/** Files that decide whom a connection trusts and as whom it comes. Absolute paths of PEM files. */
export interface TlsFiles {
  /** Certificates trusted beside the built-in ones. */
  readonly caBundlePath?: string;
  /** The gateway's own certificate towards the backend, and its key. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

export type Connector = buildConnector.connector;

const maxPemBytes = 1024 * 1024;

/**
 * Opens connections, those over TLS with what the files hold when each is opened. Connections that stand stay as they are.
 * A file that cannot be used fails the connection, with a message that names its key and not its path.
 */
export function createConnector(files: TlsFiles, timeoutMs: number): Connector {
  const plain = buildConnector({ timeout: timeoutMs });
  const secure = secureConnectors(files, timeoutMs);
  return (options, callback) => {
    let connector: Connector;
    try {
      connector = options.protocol === 'https:' ? secure() : plain;
    } catch (error) {
      // As every other failure to connect, later: who asks has not finished asking.
      return process.nextTick(callback, error, null);
    }
    connector(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      // Or else the end of the connection, which follows, would take the place of what the other side says in TLS.
      socket.once('error', (reason) => socket.destroy(reason));
      callback(null, socket);
    });
  };
}

/** The connector for what the files hold now; another once they hold something else, with TLS sessions of its own. */
function secureConnectors({ caBundlePath, tls }: TlsFiles, timeoutMs: number): () => Connector {
  const ca = caBundlePath === undefined ? undefined : new FollowedPem('caBundlePath', caBundlePath);
  const cert = tls && new FollowedPem('tls.certFile', tls.certFile);
  const key = tls && new FollowedPem('tls.keyFile', tls.keyFile);
  let made: { readonly of: string; readonly connector: Connector } | undefined;
  return () => {
    const held = [ca, cert, key].map((file) => file?.read());
    const of = held.map((file) => file?.version).join(' ');
    if (made?.of !== of) {
      const [caPem, certPem, keyPem] = held.map((file) => file?.text);
      if (caPem !== undefined) expectCertificate(caPem, 'caBundlePath');
      if (certPem !== undefined) expectCertificate(certPem, 'tls.certFile');
      const context = toContext({
        ...(caPem !== undefined && { ca: trustedWith(caPem) }),
        ...(certPem !== undefined && keyPem !== undefined && { cert: certPem, key: keyPem }),
      });
      made = {
        of,
        connector: buildConnector({ timeout: timeoutMs, ...(context && { secureContext: context }) }),
      };
    }
    return made.connector;
  };
}

function toContext(pem: { ca?: string[]; cert?: string; key?: string }): SecureContext | undefined {
  if (pem.ca === undefined && pem.cert === undefined) return undefined;
  try {
    return createSecureContext(pem);
  } catch (error) {
    const keys = pem.cert === undefined ? 'caBundlePath' : 'tls.certFile and tls.keyFile';
    throw new Error(`${keys} cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function expectCertificate(pem: string, key: string): void {
  if (!holdsCertificate(pem))
    throw new Error(`expected certificates as PEM in the file of ${key}, found none`);
}

class FollowedPem {
  readonly #key: string;
  readonly #file: FollowedFile;

  constructor(key: string, path: string) {
    this.#key = key;
    this.#file = new FollowedFile(path, { maxBytes: maxPemBytes });
  }

  read(): { readonly text: string; readonly version: number } {
    try {
      return this.#file.read();
    } catch (error) {
      throw new Error(`the file of ${this.#key} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}
