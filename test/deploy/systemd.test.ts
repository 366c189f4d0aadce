/** The unit, as systemd itself reads it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { gatewayHeapShare } from '../../src/features/code-mode/shared/script-memory.ts';
import { skipWithout } from '../support/counterpart.ts';

const text = readFileSync(join(import.meta.dirname, '../../deploy/systemd/vmcp.service'), 'utf8');

/** The unit with a program that this machine has. */
function unitFile(t: TestContext, unit: string = text): string {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-unit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'vmcp.service');
  writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
  return file;
}

function analyze(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the unit of systemd', { skip: skipWithout('systemd-analyze', 'systemd') }, () => {
  test('has no fault that systemd finds, and systemd finds one', (t) => {
    assert.deepEqual(analyze('verify', unitFile(t)), { status: 0, output: '' });
    const faulty = text.replace('KillMode=mixed', 'KillMode=gently');
    assert.match(analyze('verify', unitFile(t, faulty)).output, /kill mode/);
  });

  test('exposes little: at most 2 of 10 by the count of systemd', (t) => {
    const { status, output } = analyze('security', '--offline=yes', '--threshold=20', unitFile(t));
    assert.equal(status, 0, output.split('\n').slice(-3).join('\n'));
  });
});

test('the unit lets the gateway alone hear of the end, for as long as it takes', () => {
  assert.match(text, /^KillMode=mixed$/m);
  assert.match(text, /^TimeoutStopSec=30$/m);
});

test('the image and the unit give the gateway’s heap the share that scripts are sized by', () => {
  const option = `--max-old-space-size-percentage=${gatewayHeapShare * 100}`;
  const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  assert.ok(text.includes(option) && dockerfile.includes(option), option);
});
