import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createTerminal } from '../../test/support/terminal.ts';
import { apiKeyDigest, createApiKey, isApiKey } from '../lib/api-key.ts';
import { configReader } from '../server/index.ts';
import { runCli } from './run.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const terminal = createTerminal({ environment });
  const code = await runCli(args, terminal);
  return { code, ...terminal.said };
}

const sound = 'name: d\nbackends: [{name: a, transport: sse, url: "http://127.0.0.1:1"}]\n';

describe('vmcp key', () => {
  test('prints a key, and lines for the configuration that let its holder in', async () => {
    const { code, out } = await run(['key', 'al"ice', '--group', 'ops: x', '--group', 'dev']);
    assert.equal(code, 0);
    const key = out.split('\n').find(isApiKey) ?? '';
    const lines = out.slice(out.indexOf('incomingAuth:')).replace('al\\"ice', 'alice');
    const { config } = configReader.parse(sound + lines, { file: 'vmcp.yaml', environment: {} });
    assert.deepEqual(config.incomingAuth?.apiKeys, [
      { name: 'alice', sha256: apiKeyDigest(key).toString('hex'), groups: ['ops: x', 'dev'] },
    ]);
    assert.equal(lines.includes(key), false);
  });

  test('prints the same as JSON', async () => {
    const made = JSON.parse((await run(['key', 'alice', '--json'])).out);
    assert.equal(made.sha256, apiKeyDigest(made.key).toString('hex'));
  });

  test('wants a name', async () => {
    const { code, err } = await run(['key']);
    assert.equal(code, 2);
    assert.match(err, /expected the name of the caller/u);
  });
});

describe('vmcp serve with a credential that is missing or bad', () => {
  const serve = async (
    t: TestContext,
    lines: string,
    args: string[],
    environment: Record<string, string> = {},
  ) => {
    const folder = await mkdtemp(join(tmpdir(), 'vmcp-key-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'vmcp.yaml'), sound + lines);
    return run(['serve', '--config', join(folder, 'vmcp.yaml'), '--port', '0', ...args], environment);
  };
  const key = createApiKey();
  const lines = `incomingAuth: {type: apiKeys, apiKeys: [{name: a, sha256: ${apiKeyDigest(key).toString('hex')}}]}`;

  for (const [title, token, words] of [
    ['missing', {}, /VMCP_TOKEN is not set/u],
    ['bad', { VMCP_TOKEN: createApiKey() }, /VMCP_TOKEN is not accepted: this API key is not known here/u],
  ] as const) {
    test(`ends with 1 and words over stdio where VMCP_TOKEN is ${title}`, async (t) => {
      const { code, out, err } = await serve(t, lines, ['--stdio'], token);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, words);
      assert.equal(
        Object.values(token).some((secret) => err.includes(secret)),
        false,
      );
    });
  }

  test('ends with 1 and words where a key of the file is not in the environment', async (t) => {
    const { code, err } = await serve(
      t,
      'incomingAuth: {type: apiKeys, apiKeys: [{name: a, env: KEY_OF_A}]}',
      [],
    );
    assert.equal(code, 1);
    assert.match(err, /vmcp: incomingAuth\.apiKeys "a": the environment variable KEY_OF_A is not set/u);
  });
});
