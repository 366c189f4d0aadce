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
import type { CodeModeName } from '../../src/features/code-mode/modes.ts';
import { createTelemetry, type Telemetry } from '../../src/telemetry/index.ts';
import type { ScrapeTarget } from './prometheus.ts';

/** What a script moved, and how long each of its calls took. */
export interface ScriptBytes {
  readonly toolBytes?: number;
  readonly clientBytes?: number;
  readonly callsMs?: readonly number[];
}

/** One instance. Its name and code mode may be changed at any time, as by a reload. */
export interface Instance {
  readonly target: ScrapeTarget;
  name: string;
  enabled: boolean;
  /** In force while it is enabled. */
  mode: CodeModeName;
  regular(status: 'success' | 'error', count?: number): void;
  /** Direct calls that `enforced` refuses. */
  refused(count?: number): void;
  script(status: ScriptStatus, innerCalls: number, more?: ScriptBytes): void;
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
    mode: 'alongside',
    refused(count = 1) {
      codeMode.codeModeRefusals.add(count);
      this.regular('error', count);
    },
    regular(status, count = 1) {
      for (let i = 0; i < count; i++) instruments.countToolCall('tool_call', status);
    },
    script(status, innerCalls, { toolBytes = 0, clientBytes = 0, callsMs = [] } = {}) {
      instruments.countToolCall('execute_tool_script', status === 'success' ? 'success' : 'error');
      recordScript(codeMode, {
        status,
        durationMs: 20,
        toolCalls: innerCalls,
        parallelBranches: 0,
        toolBytes,
        clientBytes,
      });
      for (const durationMs of callsMs) codeMode.scriptToolCallDuration.record(durationMs / 1000);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await telemetry.close();
    },
  };
  observeCodeMode(codeMode, () => ({
    serverName: instance.name,
    mode: instance.enabled ? instance.mode : 'off',
    toolLists: () => ({ all: [], ...(instance.enabled && { codeMode: [] }) }),
  }));
  return instance;
}
