import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import type { ClientRevision } from '../../support/clients.ts';
import type { ControlledBackend } from '../../support/controlled-backend.ts';
import type { Ledger, ScriptRecord, Status } from '../../support/ledger.ts';

/** One client with everything its operations need; it does one thing after another. */
export interface Driver {
  readonly client: Client;
  readonly revision: ClientRevision;
  /** Where requests by hand go; undefined over stdio, where there is no hanging up without ending everything. */
  readonly url: URL | undefined;
  readonly backend: ControlledBackend;
  readonly ledger: Ledger;
  /** A key for `hold` that nobody else has. */
  nextKey(): string;
  /** Puts another configuration in force that serves just the same; does nothing over stdio. */
  reload(): void;
}

/** Something a client does, whose outcome is certain, and is written down. */
export interface Operation {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  /** Which clients can do it; all unless given. */
  readonly able?: (driver: Driver) => boolean;
  run(driver: Driver): Promise<void>;
}

/** Calls a tool, holds the outcome against what it must be, and writes it down. */
export async function call(driver: Driver, name: string, args: object, status: Status): Promise<void> {
  const outcome = await outcomeOf(driver.client.callTool({ name, arguments: { ...args } }));
  assert.equal(outcome.status, status, `${driver.revision}: ${name} ended as ${outcome.text}`);
  driver.ledger.record('tool_call', status);
}

/** Runs a script, holds the outcome against what it must be, and writes it down. */
export async function script(driver: Driver, source: string, record: ScriptRecord): Promise<void> {
  const running = driver.client.callTool({ name: 'execute_tool_script', arguments: { script: source } });
  const outcome = await outcomeOf(running);
  const expected = record.status === 'success' ? 'success' : 'error';
  assert.equal(outcome.status, expected, `${driver.revision}: a script ended as ${outcome.text}:\n${source}`);
  driver.ledger.recordScript(record);
}

async function outcomeOf(
  running: Promise<{ isError?: boolean | undefined }>,
): Promise<{ status: Status; text: string }> {
  try {
    const result = await running;
    return { status: result.isError ? 'error' : 'success', text: JSON.stringify(result).slice(0, 500) };
  } catch (error) {
    return { status: 'error', text: String(error) };
  }
}

/** Starts a call that the backend holds, waits until it is there, cancels it, and waits until the backend knows. */
export async function cancelOnceHeld(driver: Driver, name: string, args: object, key: string): Promise<void> {
  const stop = new AbortController();
  const running = driver.client.callTool({ name, arguments: { ...args } }, { signal: stop.signal });
  const rejected = assert.rejects(running);
  await driver.backend.held(key);
  stop.abort();
  await rejected;
  await driver.backend.cancelled(key);
}
