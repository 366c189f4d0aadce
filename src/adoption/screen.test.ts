import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures } from '../../test/fixtures/adoption-figures.ts';
import type { ServerReport } from './report.ts';
import { toScreen } from './screen.ts';

function server(name: string, scripts: number): ServerReport {
  const { total } = figures();
  const counted = { ...total, scriptCalls: { success: scripts, error: 0 }, scriptShare: 1 };
  return { ...counted, namespace: 'production', name, enabled: true, replicas: 1, disagreeing: false };
}

const top = [server('a-name-that-is-longer-than-any-screen-is-wide', 1_234_567), server('short', 7)];

test('figures of any size stand apart from the names, one below the other, at every width', () => {
  for (const width of [40, 60, 80, 100, 200]) {
    const lines = toScreen({ ...figures({ top }), sentences: [] }, { color: false, width }).split('\n');
    const at = lines.findIndex((line) => line.includes('Most scripts'));
    const [heading = '', ...rows] = lines.slice(at, at + 3);
    const end = heading.indexOf('scripts', heading.indexOf('scripts') + 1) + 'scripts'.length;
    assert.match(rows[0] ?? '', /…? {2,}1,234,567/);
    assert.deepEqual(
      rows.map((row) => row.slice(end - 11, end).trimStart()),
      ['1,234,567', '7'],
      `${width} columns:\n${lines.join('\n')}`,
    );
  }
});

test('a number and its per cent sign are not parted by the end of a line', () => {
  const sentences = [`${'word '.repeat(9)}to 37 % of all`];
  for (let width = 40; width < 70; width++) {
    const screen = toScreen({ ...figures(), sentences }, { color: false, width });
    assert.match(screen, /37 %/, `${width} columns:\n${screen}`);
  }
});
