import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { skipWithout } from '../../../../../test/support/counterpart.ts';
import type { BackendClient } from '../../../../gateway/index.ts';
import type { BackendTarget } from '../../index.ts';
import { createBackendClient } from '../../index.ts';

const soon = AbortSignal.timeout(600_000);
const fixtures = join(import.meta.dirname, '../../../../../test/fixtures/tls');
const pem = (name: string): string => readFileSync(join(fixtures, name), 'utf8');

interface Backend {
  readonly url: URL;
  /** The name in the certificate of each client that asked. */
  readonly askers: string[];
}

/**
 * A 2026-07-28 backend that closes each connection after its answer.
 * @param trusts where it asks for a client certificate: those that it trusts
 */
async function start(t: TestContext, { trusts }: { readonly trusts?: string } = {}): Promise<Backend> {
  const askers: string[] = [];
  const server = createTlsServer(
    {
      key: pem('key.pem'),
      cert: pem('cert.pem'),
      ...(trusts !== undefined && { ca: trusts, requestCert: true, rejectUnauthorized: true }),
    },
    (request, response) => {
      askers.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'no name'));
      request.resume();
      request.on('end', () => {
        const result = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} };
        response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: askers.length, result }));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: new URL(`https://localhost:${(server.address() as AddressInfo).port}/mcp`), askers };
}

function create(
  t: TestContext,
  target: Omit<BackendTarget & { transport: 'streamable-http' }, 'name' | 'transport'>,
): BackendClient {
  const client = createBackendClient(
    { ...target, name: 'b', transport: 'streamable-http' },
    {
      clientInfo: { name: 'vmcp', version: '1' },
      environment: {},
      onLog: () => undefined,
      closeGraceMs: 300,
    },
  );
  t.after(() => client.close());
  return client;
}

/** A server that says in TLS why it is not content, as Node's does not; returns its port. */
async function startOpenssl(t: TestContext, version: string): Promise<string> {
  const trusted = ['-CAfile', join(fixtures, 'cert.pem'), '-Verify', '1', '-verify_return_error'];
  const own = ['-cert', join(fixtures, 'cert.pem'), '-key', join(fixtures, 'key.pem')];
  const child = spawn(
    'openssl',
    ['s_server', '-accept', '127.0.0.1:0', '-www', version, ...own, ...trusted],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  for await (const line of createInterface(child.stdout)) {
    const port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error('openssl s_server ended without saying where it listens');
}

/** Copies of the two certificates and keys, to be replaced. */
function files(t: TestContext): {
  folder: string;
  tls: { certFile: string; keyFile: string };
  caBundlePath: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['cert.pem', 'key.pem', 'other-cert.pem', 'other-key.pem'])
    copyFileSync(join(fixtures, name), join(folder, name));
  copyFileSync(join(fixtures, 'cert.pem'), join(folder, 'ca.pem'));
  return {
    folder,
    tls: { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') },
    caBundlePath: join(folder, 'ca.pem'),
  };
}

describe('a backend that asks for a client certificate', () => {
  test('gets the one of "tls", and another as soon as the files hold another', async (t) => {
    const { url, askers } = await start(t, { trusts: pem('cert.pem') + pem('other-cert.pem') });
    const { folder, tls, caBundlePath } = files(t);
    const client = create(t, { url, caBundlePath, tls });
    await client.connect(soon);
    await client.ping(soon);
    copyFileSync(join(folder, 'other-cert.pem'), tls.certFile);
    copyFileSync(join(folder, 'other-key.pem'), tls.keyFile);
    await client.ping(soon);
    assert.deepEqual(askers, ['localhost', 'localhost', 'elsewhere.example']);
  });

  test('is not reached without one that it trusts', async (t) => {
    const { url, askers } = await start(t, { trusts: pem('cert.pem') });
    const { folder, caBundlePath } = files(t);
    const tls = { certFile: join(folder, 'other-cert.pem'), keyFile: join(folder, 'other-key.pem') };
    await assert.rejects(create(t, { url, caBundlePath }).connect(soon), { name: 'BackendError' });
    await assert.rejects(create(t, { url, caBundlePath, tls }).connect(soon), { name: 'BackendError' });
    assert.deepEqual(askers, []);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    test(
      `and says so (${version}) is told to do so, and was not asked`,
      { skip: skipWithout('openssl') },
      async (t) => {
        const url = new URL(`https://localhost:${await startOpenssl(t, version)}/mcp`);
        const { folder, caBundlePath } = files(t);
        const failed = { code: 'unreachable', mayHaveRun: false } as const;
        await assert.rejects(create(t, { url, caBundlePath }).connect(soon), {
          ...failed,
          message:
            version === '-tls1_3'
              ? 'backend "b" cannot be reached: it asks for a client certificate ("tls" with "certFile" and "keyFile")'
              : /^backend "b" cannot be reached: /,
        });
        const tls = { certFile: join(folder, 'other-cert.pem'), keyFile: join(folder, 'other-key.pem') };
        await assert.rejects(create(t, { url, caBundlePath, tls }).connect(soon), {
          ...failed,
          message: 'backend "b" cannot be reached: it refuses the client certificate (unknown ca)',
        });
      },
    );
  }
});

describe('a file of certificates', () => {
  test('that comes later is used from then on', async (t) => {
    const { url } = await start(t);
    const { caBundlePath } = files(t);
    unlinkSync(caBundlePath);
    const client = create(t, { url, caBundlePath });
    await assert.rejects(client.connect(soon), {
      code: 'unreachable',
      mayHaveRun: false,
      message: 'backend "b" cannot be reached: the file of caBundlePath cannot be read: no such file',
    });
    copyFileSync(join(fixtures, 'cert.pem'), caBundlePath);
    assert.equal((await client.connect(soon)).revision, '2026-07-28');
  });

  test('that no longer trusts the backend ends what it let in', async (t) => {
    const { url } = await start(t);
    const { folder, caBundlePath } = files(t);
    const client = create(t, { url, caBundlePath });
    await client.connect(soon);
    copyFileSync(join(folder, 'other-cert.pem'), caBundlePath);
    await assert.rejects(client.ping(soon), { code: 'unreachable', message: /self-signed certificate/ });
  });

  for (const [title, spoil, words] of [
    [
      'certificate that is no PEM',
      ({ certFile }) => writeFileSync(certFile, 's3cret'),
      'expected certificates as PEM in the file of tls.certFile, found none',
    ],
    [
      'key that is another’s',
      ({ keyFile }) => copyFileSync(join(fixtures, 'other-key.pem'), keyFile),
      /tls\.certFile and tls\.keyFile cannot be used: /,
    ],
    [
      'key that is no PEM',
      ({ keyFile }) => writeFileSync(keyFile, 's3cret'),
      /tls\.certFile and tls\.keyFile cannot be used: /,
    ],
    [
      'key that is not there',
      ({ keyFile }) => unlinkSync(keyFile),
      'the file of tls.keyFile cannot be read: no such file',
    ],
  ] satisfies [string, (tls: { certFile: string; keyFile: string }) => void, string | RegExp][]) {
    test(`with a ${title} is told by its key, and not quoted`, async (t) => {
      const { url, askers } = await start(t);
      const { tls, caBundlePath } = files(t);
      spoil(tls);
      await assert.rejects(create(t, { url, caBundlePath, tls }).connect(soon), (error: Error) => {
        assert.match(
          error.message,
          words instanceof RegExp ? words : new RegExp(words.replaceAll('.', '\\.')),
        );
        assert.doesNotMatch(error.message, /s3cret|\/tmp/);
        return true;
      });
      assert.deepEqual(askers, []);
    });
  }
});
