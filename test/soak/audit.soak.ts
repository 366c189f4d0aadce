/**
 * A million random operations, and an audit log that agrees with the counters to the last one.
 * `AUDIT_OPERATIONS` is how many, `AUDIT_SEED` which.
 */
import { test } from 'node:test';
import { auditAgrees } from '../support/audit-agreement.ts';

const count = Number(process.env['AUDIT_OPERATIONS'] ?? 1_000_000);
const seed = Number(process.env['AUDIT_SEED'] ?? 1);

test(`the audit log and the counters agree on ${count} random operations`, (t) =>
  auditAgrees(t, count, seed));
