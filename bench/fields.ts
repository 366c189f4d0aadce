/**
 * What the table of fields costs: `node bench/fields.ts` prints the microseconds of processor time that looking at one
 * result takes, beside those of reading and writing its message, which each call pays anyway and which are the smaller
 * part of a call.
 */
import { repairMessage } from '../src/protocol/index.ts';
import type { JsonObject } from '../src/protocol/index.ts';
import { parseMessage } from '../src/mcp/wire/jsonrpc.ts';

const results: Readonly<Record<string, JsonObject>> = {
  'one short text': { content: [{ type: 'text', text: 'x'.repeat(40) }] },
  'text and structured content': {
    content: [{ type: 'text', text: 'x'.repeat(2_000) }],
    structuredContent: { items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}` })) },
  },
  '100 blocks': { content: Array.from({ length: 100 }, () => ({ type: 'text', text: 'x'.repeat(100) })) },
  'an image of 1 MB': { content: [{ type: 'image', mimeType: 'image/png', data: 'A'.repeat(1_000_000) }] },
};

function microseconds(work: () => void): number {
  for (let time = 0; time < 200; time++) work();
  const started = process.cpuUsage();
  let times = 0;
  while (times % 100 !== 0 || spent(started) < 300_000) {
    work();
    times++;
  }
  return spent(started) / times;
}

function spent(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return user + system;
}

for (const [title, result] of Object.entries(results)) {
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  const look = microseconds(() => void repairMessage('server-result', 'tools/call', result, []));
  const pass = microseconds(() => void JSON.stringify(parseMessage(text).message));
  const share = ((100 * look) / pass).toFixed(1);
  console.log(
    `${title}: ${look.toFixed(2)} µs to look, ${pass.toFixed(1)} µs to read and write (${share} %)`,
  );
}
