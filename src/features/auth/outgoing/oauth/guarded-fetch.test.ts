import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGuardedFetch, FetchFault, wallsFor } from './guarded-fetch.ts';

const outside = createGuardedFetch({ allowPrivateAddresses: false });

describe('an authorization server that a backend names', () => {
  test('is not asked without TLS, but on this machine', async () => {
    await assert.rejects(outside('http://as.example/token'), /is not asked: expected https/);
    await assert.rejects(outside('file:///etc/passwd'), /expected a URL of http or https/);
    await assert.rejects(outside('nonsense'), /expected a URL of http or https/);
  });

  test('is not asked at an address of a private network, however it is written', async () => {
    for (const host of [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '[::ffff:10.0.0.1]',
      '[fd00::1]',
      '0x7f000001',
      '2130706433',
      'localhost',
    ])
      await assert.rejects(outside(`https://${host}/token`), (error: Error) => {
        assert.ok(error instanceof FetchFault, String(error));
        assert.match(error.message, /address of a private network/, host);
        return true;
      });
  });

  test('may be there where the backend is, or where the file says so', () => {
    const walls = (url: string, allow = false): boolean =>
      wallsFor(new URL(url), allow).allowPrivateAddresses;
    assert.equal(walls('http://127.0.0.1:9000/mcp'), true);
    assert.equal(walls('https://10.1.2.3/mcp'), true);
    assert.equal(walls('https://mcp.example.com/mcp'), false);
    assert.equal(walls('https://mcp.example.com/mcp', true), true);
  });
});
