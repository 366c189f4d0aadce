/**
 * What counting costs a call: the two things that happen at the edge, the record at the backend, and the whole stage
 * with its promise and cancellation listener. Run: `node bench/telemetry-count.ts`.
 */
import { performance } from 'node:perf_hooks';
import type { Next, ToolCall } from '../src/gateway/index.ts';
import { countToolCalls, createTelemetry } from '../src/telemetry/index.ts';

const rounds = 7;
const telemetry = await createTelemetry({ serviceName: 'bench', serviceVersion: '0' });
const { instruments } = telemetry;
const operation = { method: 'tools/call', toolName: 'list_issues', durationMs: 12.5 } as const;
const request = { ...operation, backend: 'github', transport: 'stdio' } as const;

function perCallNs(calls: number, run: (calls: number) => void): string {
  const costs = Array.from({ length: rounds }, () => {
    const start = performance.now();
    run(calls);
    return ((performance.now() - start) * 1e6) / calls;
  }).sort((a, b) => a - b);
  return `${costs[0]!.toFixed(0)} ns best, ${costs[rounds >> 1]!.toFixed(0)} ns median`;
}

function report(what: string, run: () => void): void {
  const cost = perCallNs(500_000, (calls) => {
    for (let i = 0; i < calls; i++) run();
  });
  console.log(`${what}: ${cost}`);
}

report('count a call', () => instruments.countToolCall('tool_call', 'success'));
report('record its duration', () => instruments.operations.recordServerOperation(operation));
report('both', () => {
  instruments.countToolCall('tool_call', 'success');
  instruments.operations.recordServerOperation(operation);
});
report('record a request to a backend', () => instruments.operations.recordBackendRequest(request));

const result = { content: [] };
const bottom: Next = async () => result;
const count = countToolCalls(instruments);
const counted: Next = (request) => count(request, bottom);
const call = {
  method: 'tools/call',
  name: 'list_issues',
  params: {},
  signal: new AbortController().signal,
} as unknown as ToolCall;

async function perAwaitedCallNs(next: Next): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < 200_000; i++) await next(call);
    costs.push(((performance.now() - start) * 1e6) / 200_000);
  }
  return costs.sort((a, b) => a - b)[rounds >> 1]!;
}

const without = await perAwaitedCallNs(bottom);
const within = await perAwaitedCallNs(counted);
console.log(
  `a call through the whole stage: ${(within - without).toFixed(0)} ns more than without it (promise and listener included)`,
);
await telemetry.close();
