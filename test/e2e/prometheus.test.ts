import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectHttp } from '../support/clients.ts';
import { skipWithout } from '../support/counterpart.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const scriptShare =
  'sum(rate(toolhive_vmcp_tool_calls_total{method="execute_tool_script"}[5m])) / sum(rate(toolhive_vmcp_tool_calls_total[5m]))';
const optedIn = 'sum(toolhive_vmcp_code_mode_enabled)';
const regularRate = 'sum(rate(toolhive_vmcp_tool_calls_total{method="tool_call"}[5m]))';
const total = 'sum(toolhive_vmcp_tool_calls_total)';
const windowSeconds = 300;
const scripts = 4;
const regularCalls = 12;

describe(
  'a real Prometheus answers the three questions',
  { skip: skipWithout('prometheus'), timeout: 600_000 },
  () => {
    let backend: ControlledBackend;
    let vmcp: Vmcp;
    let other: Vmcp;
    let prometheus: Prometheus;

    before(async () => {
      backend = await startControlledBackend();
      const backends = [{ name: 'one', url: backend.url, transport: 'streamable-http' }];
      vmcp = await startVmcp({ name: 'opted-in', backends, codeMode: { enabled: true } });
      other = await startVmcp({ name: 'regular', backends });
      await Promise.all([vmcp.status(allHealthy), other.status(allHealthy)]);
      const targets = [vmcp, other].map(({ origin }) => ({ address: new URL(origin).host }));
      prometheus = await startPrometheus({ targets, intervalMs: 500 });
      await asks(optedIn, 1); // both have been scraped before the first call, so no increase is lost
    });
    after(() => Promise.all([prometheus?.stop(), vmcp?.stop(), other?.stop(), backend?.close()]));

    async function asks(expression: string, expected: number, tolerance = 1e-9): Promise<void> {
      await eventually(async () => {
        const [element] = await prometheus.query(expression);
        assert.ok(element, `${expression} is empty`);
        assert.ok(
          Math.abs(element.value - expected) <= tolerance,
          `${expression}: ${element.value}, not ${expected}`,
        );
      });
    }

    async function drive(client: Client): Promise<void> {
      for (let i = 0; i < scripts; i++) {
        const script = i === 0 ? 'return undefined_name' : 'return one_ok(n = 1)';
        await client.callTool({ name: 'execute_tool_script', arguments: { script } });
      }
      for (let i = 0; i < regularCalls; i++) {
        await client.callTool({ name: i % 3 === 0 ? 'one_fail' : 'one_ok', arguments: {} });
      }
    }

    test('what share of calls goes through scripts, how many servers opted in, and the rate of regular calls', async () => {
      const client = await connectHttp(vmcp.mcpUrl, '2026-07-28');
      await drive(client);
      await client.close();
      await asks(total, scripts + regularCalls);

      // Every series of one target has the same sample times, so the share is exact.
      await asks(scriptShare, scripts / (scripts + regularCalls));
      // `rate` stretches the increase to the edge of the window, by at most one scrape interval of those seen.
      await asks(regularRate, regularCalls / windowSeconds, (0.5 * regularCalls) / windowSeconds);

      other.writeConfig({
        name: 'regular',
        backends: [{ name: 'one', url: backend.url, transport: 'streamable-http' }],
        codeMode: { enabled: true },
      });
      await asks(optedIn, 2);
    });
  },
);
