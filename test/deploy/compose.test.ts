/** compose.yaml and what it mounts. No Compose runs here: what is tested is what the file says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { configReader } from '../../src/server/config.ts';
import { skipWithout } from '../support/counterpart.ts';

const root = join(import.meta.dirname, '../..');

interface ComposeService {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly profiles?: readonly string[];
  readonly stop_grace_period?: string;
}

const { services, volumes } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8')) as {
  services: Readonly<Record<string, ComposeService>>;
  volumes: Readonly<Record<string, unknown>>;
};
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('compose.yaml', () => {
  test('has vmcp and Prometheus, and Valkey where it is asked for', () => {
    const always = Object.keys(services).filter((name) => services[name]?.profiles === undefined);
    assert.deepEqual(
      [Object.keys(services), always],
      [
        ['vmcp', 'prometheus', 'valkey'],
        ['vmcp', 'prometheus'],
      ],
    );
    assert.ok(services['vmcp']?.image.includes(version), 'the image of this version');
  });

  for (const [name, service] of Object.entries(services)) {
    test(`${name} may do no more than it has to, and is reached from this machine alone`, () => {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      assert.match(service.mem_limit ?? '', /^\d+m$/);
      assert.doesNotMatch(service.image, /:latest$|^[^:]+$/, 'a version is named');
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
    });

    test(`${name} is given files that are there`, () => {
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        assert.ok(source.startsWith('./') ? existsSync(join(root, source)) : source in volumes, volume);
      }
    });
  }

  test('gives vmcp a configuration that it takes, and the time that it needs to end', () => {
    const file = join(root, 'deploy/compose/vmcp/config.yaml');
    assert.deepEqual(configReader.parse(readFileSync(file, 'utf8'), { file, environment: {} }).warnings, []);
    assert.equal(services['vmcp']?.stop_grace_period, '30s');
  });

  test(
    'gives Prometheus a configuration that it takes, with every rule',
    { skip: skipWithout('promtool') },
    (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'vmcp-compose-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const text = readFileSync(join(root, 'deploy/compose/prometheus.yml'), 'utf8');
      const file = join(folder, 'prometheus.yml');
      writeFileSync(file, text.replace('/etc/prometheus/rules', join(root, 'observability/rules')));
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', file], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout + stderr, /2 rule files found/);
    },
  );
});
