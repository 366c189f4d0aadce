/**
 * What a scrape of a server with 1,000 tools costs the main thread, every metric warm and every series changed since the
 * last scrape. The scraper runs in a thread of its own. Run: `node bench/telemetry-scrape.ts [tools] [scrapes]`.
 */
import { codeModeMetrics, observeCodeMode, recordScript } from '../src/features/code-mode/metrics.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { createTelemetry } from '../src/telemetry/index.ts';

const tools = Number(process.argv[2] ?? 1000);
const scrapes = Number(process.argv[3] ?? 20);
const formats = {
  'text, gzip': { accept: 'text/plain', 'accept-encoding': 'gzip' },
  text: { accept: 'text/plain', 'accept-encoding': 'identity' },
  'OpenMetrics, gzip': { accept: 'application/openmetrics-text; version=1.0.0', 'accept-encoding': 'gzip' },
};

const scraper = `
const { parentPort } = require('node:worker_threads');
const http = require('node:http');
parentPort.on('message', ({ port, headers }) => {
  http.get({ port, path: '/metrics', headers }, (response) => {
    let bytes = 0;
    response.on('data', (chunk) => (bytes += chunk.length));
    response.on('end', () => parentPort.postMessage(bytes));
  });
});`;

const telemetry = await createTelemetry({ serviceName: 'bench', serviceVersion: '0' });
const codeMode = telemetry.instrumentsOf(codeModeMetrics);
observeCodeMode(codeMode, () => ({ serverName: 'bench', mode: 'alongside', toolLists: () => ({ all: [] }) }));
const server = createServer((request, response) => void telemetry.handleMetrics(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const worker = new Worker(scraper, { eval: true });

/** Touches every series of every tool, with values that move several buckets. */
function warm(): void {
  const { operations } = telemetry.instruments;
  for (let i = 0; i < tools; i++) {
    const toolName = `some_tool_name_${i}`;
    const request = {
      backend: `backend-${i % 10}`,
      transport: 'stdio',
      method: 'tools/call',
      toolName,
    } as const;
    operations.recordBackendRequest({ ...request, durationMs: Math.random() * 300 });
    if (i % 10 === 0) operations.recordBackendRequest({ ...request, durationMs: 5, error: 'timeout' });
    operations.recordServerOperation({ method: 'tools/call', toolName, durationMs: Math.random() * 300 });
  }
  for (const status of ['success', 'error'] as const) {
    telemetry.instruments.countToolCall('tool_call', status);
    recordScript(codeMode, {
      status,
      durationMs: 10,
      toolCalls: 3,
      parallelBranches: 2,
      toolBytes: 900,
      clientBytes: 80,
    });
  }
}

/** One scrape: milliseconds of the main thread, its longest slice, and bytes received. */
async function scrape(
  headers: Record<string, string>,
): Promise<{ busyMs: number; sliceMs: number; bytes: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.threadCpuUsage();
  worker.postMessage({ port, headers });
  const bytes = await new Promise<number>((resolve) => worker.once('message', resolve));
  const used = process.threadCpuUsage(cpu);
  delay.disable();
  return { busyMs: (used.user + used.system) / 1000, sliceMs: delay.max / 1e6, bytes };
}

for (const [name, headers] of Object.entries(formats)) {
  const runs: { busyMs: number; sliceMs: number; bytes: number }[] = [];
  for (let i = 0; i < scrapes + 5; i++) {
    warm();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const run = await scrape(headers);
    if (i >= 5) runs.push(run);
  }
  const busy = runs.map((r) => r.busyMs).sort((a, b) => a - b);
  const slices = runs.map((r) => r.sliceMs).sort((a, b) => a - b);
  const at = (values: number[], q: number): string => values[Math.floor((values.length - 1) * q)]!.toFixed(1);
  console.log(
    `${name}: main thread ${at(busy, 0.5)} ms median, ${at(busy, 0.95)} ms p95; ` +
      `longest slice ${at(slices, 0.5)} ms median, ${at(slices, 0.95)} ms p95; ${runs[0]!.bytes} bytes`,
  );
}
server.close();
await worker.terminate();
await telemetry.close();
