import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';

/** An event as the audit log has it. */
export interface AuditEvent {
  readonly audit_id: string;
  readonly parent?: string;
  readonly type: string;
  readonly outcome: string;
  readonly component: string;
  readonly source: { readonly type: string; readonly value: string; readonly extra?: Record<string, string> };
  readonly subjects: Record<string, string>;
  readonly target: Record<string, string>;
  readonly metadata: { readonly extra: Record<string, string | number> };
  readonly data?: { readonly request?: unknown; readonly response?: unknown };
  readonly delegation?: object[];
}

/** The path of an audit log in a folder of its own, which goes with the test. */
export async function auditFile(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-audit-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'audit.log');
}

/** The events of a file, every line of which must be one. */
export async function eventsIn(path: string): Promise<AuditEvent[]> {
  return parseEvents(await readFile(path, 'utf8'));
}

export function parseEvents(text: string): AuditEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditEvent);
}
