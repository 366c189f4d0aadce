/** The image, built without any registry of images and run as Kubernetes' restricted standard wants it. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { connectHttp } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { contentsOf, ImageStore, skipWithoutImageTools, type Container } from '../support/image.ts';
import { childrenOf } from '../support/processes.ts';
import { allHealthy, readStatus } from '../support/vmcp.ts';

const mebibyte = 2 ** 20;
const tag = 'localhost/vmcp-test:1';

/** A folder as Kubernetes mounts a ConfigMap: the file is a link through `..data`, which is swapped for a new text. */
class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'vmcp-config-'));
  #version = 0;

  constructor(t: TestContext, config: object) {
    chmodSync(this.path, 0o755); // the container's user is another one
    t.after(() => rmSync(this.path, { recursive: true, force: true }));
    this.write(config);
    symlinkSync('..data/config.yaml', join(this.path, 'config.yaml'));
  }

  write(config: object): void {
    const version = `..v${++this.#version}`;
    mkdirSync(join(this.path, version));
    writeFileSync(join(this.path, version, 'config.yaml'), JSON.stringify(config));
    symlinkSync(version, join(this.path, '..tmp'));
    renameSync(join(this.path, '..tmp'), join(this.path, '..data'));
  }
}

function configuration(backends: readonly ControlledBackend[], codeMode: object = { enabled: true }): object {
  return {
    name: 'image',
    incomingAuth: { type: 'anonymous' },
    codeMode,
    backends: backends.map(({ url }, index) => ({ name: `b${index}`, transport: 'streamable-http', url })),
  };
}

describe('the image', { skip: skipWithoutImageTools(), timeout: 1_200_000 }, () => {
  let store: ImageStore;

  before(async () => {
    store = new ImageStore();
    const printed = await store.build('--tool', 'buildah', '--debian', '--tag', tag);
    assert.match(printed, /built with buildah/);
  });
  after(() => store?.remove());

  async function backends(t: TestContext, count: number): Promise<ControlledBackend[]> {
    const started = await Promise.all(Array.from({ length: count }, () => startControlledBackend()));
    t.after(() => Promise.all(started.map((backend) => backend.close())));
    return started;
  }

  async function serve(t: TestContext, config: object, memory?: string): Promise<Container> {
    const folder = new ConfigFolder(t, config);
    const container = await store.run(tag, {
      configFolder: folder.path,
      ...(memory !== undefined && { memory }),
    });
    await readStatus(container.origin, allHealthy);
    return container;
  }

  test('is below 80 MB compressed and 180 MB unpacked, in three layers, and says what it is', async () => {
    const { layers, config } = await contentsOf(store, tag);
    const compressed = layers.reduce((sum, { size }) => sum + size, 0);
    assert.ok(compressed < 80e6, `${compressed} bytes compressed`);
    assert.equal(layers.length, 3);
    assert.ok(
      layers[0]!.size > layers[1]!.size && layers[1]!.size > layers[2]!.size,
      'the program is the last',
    );
    assert.equal(config.User, '65532:65532');
    for (const label of ['title', 'description', 'licenses', 'version', 'created'])
      assert.ok(config.Labels[`org.opencontainers.image.${label}`], label);
  });

  test('holds Node and no other program, and lists what it holds', async (t) => {
    const container = (await store.buildah('from', '--pull-never', tag)).trim();
    t.after(() => store.buildah('rm', container));
    const root = (await store.buildah('mount', container)).trim();
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(root, path)).isFile(),
    );
    const bytes = files.reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
    assert.ok(bytes < 180e6, `${bytes} bytes unpacked`);
    assert.deepEqual(
      files.filter((path) => /(^|\/)s?bin\//.test(path) && !path.startsWith('app/')),
      ['usr/local/bin/node'],
    );
    const sbom = JSON.parse(readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8')) as {
      components: { name: string; version: string }[];
    };
    const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
    for (const file of files.filter((path) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path))) {
      const { name, version } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
        name: string;
        version: string;
      };
      assert.ok(listed.has(`${name}@${version}`), `${name}@${version} is listed`);
    }
    assert.ok(listed.has(`node@${process.versions.node}`));
    assert.ok(sbom.components.some(({ name }) => name === 'libc6'));
  });

  test('podman builds the same', async () => {
    await store.build(
      '--tool',
      'podman',
      '--build-base',
      'localhost/vmcp-build-base',
      '--tag',
      'localhost/vmcp-test:2',
    );
    const layersOf = (name: string): Promise<string> =>
      store.podman('image', 'inspect', '--format', '{{json .RootFS.Layers}}', name);
    assert.equal(await layersOf('localhost/vmcp-test:2'), await layersOf(tag));
  });

  test('with 256 MiB serves 20 backends and scripts that fill their memory, and is not killed', async (t) => {
    const container = await serve(
      t,
      configuration(await backends(t, 20), {
        enabled: true,
        stepLimit: 50_000_000,
      }),
      '256m',
    );
    assert.match(await container.log(), /256 MiB of memory leave 19 MiB for a script, not 64 MiB/);
    const [host] = childrenOf(container.pid);

    const collect = (element: string): string => `x = []\nfor i in range(100000000):\n  x.append(${element})`;
    const scripts = [
      collect('"y" * 1000 + str(i)'),
      collect('[[], [i], ()]'),
      collect('{"a": i, "b": [i], "c": {}}'),
      'return len(parallel([lambda i=i: call_tool("b%d_ok" % i, n = i) for i in range(20)]))',
      'return sum([len(call_tool("b%d_big" % i, bytes = 500000)) for i in range(10)])',
      'return "x" * 1000000',
    ];
    const clients = await Promise.all(
      scripts.map(() => connectHttp(new URL('/mcp', container.origin), '2026-07-28')),
    );
    t.after(() => Promise.all(clients.map((client) => client.close())));
    const answers = await Promise.all(
      clients.map(async (client, index) => {
        const texts: string[] = [];
        for (let round = 0; round < 8; round++) {
          const script = client.callTool(
            { name: 'execute_tool_script', arguments: { script: scripts[index] } },
            { timeout: 300_000 },
          );
          const calls = Array.from({ length: 10 }, () =>
            client.callTool({ name: `b${round}_big`, arguments: { bytes: 200_000 } }, { timeout: 300_000 }),
          );
          for (const call of await Promise.all(calls)) assert.notEqual(call.isError, true);
          texts.push(JSON.stringify((await script).content));
        }
        return texts;
      }),
    );
    const [strings, lists, dicts, ...others] = answers;
    for (const text of [...strings!, ...lists!, ...dicts!])
      assert.match(text, /memoryLimit|more memory than the gateway has/u);
    for (const text of others.flat()) assert.doesNotMatch(text, /Traceback/u);
    assert.equal(await container.wasOutOfMemory(), false);
    assert.deepEqual(childrenOf(container.pid), [host], 'the script process is still the same');
    assert.doesNotMatch(await container.log(), /script thread was lost/);
    t.diagnostic(`at most ${Math.round(peakBytes(container.pid) / mebibyte)} MiB`);
  });

  test('follows a ConfigMap, and ends as first process on SIGTERM once running calls are done', async (t) => {
    const started = await backends(t, 1);
    const folder = new ConfigFolder(t, configuration(started, { enabled: false }));
    const container = await store.run(tag, { configFolder: folder.path });
    await readStatus(container.origin, allHealthy);
    assert.match(readFileSync(`/proc/${container.pid}/status`, 'utf8'), /^NSpid:.*\t1$/m);

    folder.write(configuration(started));
    await readStatus(container.origin, ({ codeMode }) => (codeMode as { enabled: boolean }).enabled);

    const client = await connectHttp(new URL('/mcp', container.origin), '2026-07-28');
    const call = client.callTool({ name: 'b0_hold', arguments: { key: 'last' } }, { timeout: 300_000 });
    const held = await started[0]!.held('last');
    await container.signal('SIGTERM');
    await eventually(async () => assert.match(await container.log(), /calls under way may finish/));
    held.release();
    assert.match(JSON.stringify((await call).content), /held last/);
    assert.equal(await container.ended(), 0);
  });
});

/** The most that the processes of a container have held at once, files that they read included. */
function peakBytes(pid: number): number {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const memory = groups.find((line) => line.split(':')[1] === 'memory');
  if (memory !== undefined) {
    const [, , path] = memory.split(':');
    return Number(readFileSync(`/sys/fs/cgroup/memory${path}/memory.max_usage_in_bytes`, 'utf8'));
  }
  const path = groups.find((line) => line.startsWith('0::'))?.slice('0::'.length);
  return Number(readFileSync(`/sys/fs/cgroup${path}/memory.peak`, 'utf8'));
}
