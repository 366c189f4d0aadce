import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { spawnSync } from 'node:child_process';

const root = join(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const { devDependencies, license, version } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as {
  devDependencies: { node: string };
  license: string;
  version: string;
};

describe('the Dockerfile', () => {
  test('builds with the Node that everything is tested with', () => {
    assert.ok(dockerfile.includes(`ARG BUILD_BASE=docker.io/library/node:${devDependencies.node}-`));
  });

  test('takes its base as an argument, which is scratch', () => {
    assert.match(dockerfile, /^ARG BASE=scratch$/m);
    assert.match(dockerfile, /^FROM \$\{BASE\}$/m);
  });

  test('starts as the operator of ToolHive expects, and names its licence', () => {
    const [, command] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    assert.deepEqual(JSON.parse(command ?? ''), [
      'serve',
      '--config=/etc/vmcp-config/config.yaml',
      '--host=0.0.0.0',
      '--port=4483',
    ]);
    assert.ok(dockerfile.includes(`org.opencontainers.image.licenses="${license}"`));
  });

  test('has the version that the manifests ask for', () => {
    for (const file of ['deploy/kustomize/vmcp/kustomization.yaml', 'deploy/helm/vmcp/Chart.yaml'])
      assert.match(
        readFileSync(join(root, file), 'utf8'),
        new RegExp(`(newTag|appVersion): ${version}$`, 'm'),
        file,
      );
  });
});

describe('`npm run image`', () => {
  /** A folder with commands that end with these codes when they are asked how they are. */
  function commands(t: TestContext, codes: Readonly<Record<string, number>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-tools-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [name, code] of Object.entries(codes)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n[ "$1" = info ] && exit ${code}\necho "${name} $*"\n`);
      chmodSync(join(folder, name), 0o755);
    }
    return folder;
  }

  function build(path: string, ...args: string[]): { status: number | null; output: string } {
    const git = spawnSync('sh', ['-c', 'dirname "$(command -v git)"'], { encoding: 'utf8' }).stdout.trim();
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/image.ts', ...args], {
      cwd: root,
      env: { PATH: path + (args.includes('--no-git') ? '' : `:${git}`) },
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  test('takes the first tool that works: a docker without its daemon does not', (t) => {
    const { status, output } = build(commands(t, { docker: 1, podman: 0, buildah: 0 }), '--base', 'x/base:1');
    assert.equal(status, 0, output);
    assert.match(
      output,
      new RegExp(`^podman build --tag vmcp:${version} --build-arg BASE=x/base:1 --label `, 'm'),
    );
    assert.match(output, /--label org\.opencontainers\.image\.revision=[0-9a-f]{40}/);
  });

  test('asks buildah for layers, which it would make one of', (t) => {
    const { output } = build(commands(t, { docker: 0, buildah: 0 }), '--tool', 'buildah', '--tag', 'x:y');
    assert.match(output, /^buildah build --layers --tag x:y /m);
  });

  test('says what is missing, and which tools it knows', (t) => {
    assert.match(
      build(commands(t, { docker: 1, podman: 1, buildah: 1 })).output,
      /expected one of docker, podman, buildah that works here/,
    );
    assert.match(
      build(commands(t, {}), '--tool', 'kaniko').output,
      /--tool: expected docker, podman, buildah, found "kaniko"/,
    );
  });
});
