/**
 * A fleet in one process: instances whose `/metrics` is the real one and whose calls are made up, for tests of what a
 * Prometheus makes of many servers. Every call is written down.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  codeModeMetrics,
  observeCodeMode,
  recordScript,
  type ScriptStatus,
} from '../../src/features/code-mode/metrics.ts';
import { createTelemetry, type Telemetry } from '../../src/telemetry/index.ts';
import type { ScrapeTarget } from './prometheus.ts';

/** One instance. Its name and code mode may be changed at any time, as by a reload. */
export interface Instance {
  readonly target: ScrapeTarget;
  name: string;
  enabled: boolean;
  regular(status: 'success' | 'error', count?: number): void;
  script(status: ScriptStatus, innerCalls: number): void;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  readonly name: string;
  readonly enabled: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Listens there again after a restart. */
  readonly port?: number;
}

export async function startInstance({ name, enabled, labels, port = 0 }: InstanceOptions): Promise<Instance> {
  const telemetry: Telemetry = await createTelemetry({ serviceName: name, serviceVersion: '1' });
  const { instruments } = telemetry;
  const codeMode = telemetry.instrumentsOf(codeModeMetrics);
  const server: Server = createServer((request, response) => void telemetry.handleMetrics(request, response));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const instance: Instance = {
    target: { address, ...(labels && { labels }) },
    name,
    enabled,
    regular(status, count = 1) {
      for (let i = 0; i < count; i++) instruments.countToolCall('tool_call', status);
    },
    script(status, innerCalls) {
      instruments.countToolCall('execute_tool_script', status === 'success' ? 'success' : 'error');
      recordScript(codeMode, { status, durationMs: 20, toolCalls: innerCalls, parallelBranches: 0 });
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await telemetry.close();
    },
  };
  observeCodeMode(codeMode, () => ({ enabled: instance.enabled, serverName: instance.name }));
  return instance;
}
