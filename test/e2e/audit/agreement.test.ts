import { test } from 'node:test';
import { auditAgrees } from '../../support/audit-agreement.ts';

test('of 2,000 random operations the audit log and the counters tell the same', { timeout: 120_000 }, (t) =>
  auditAgrees(t, 2_000),
);
