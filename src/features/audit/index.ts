/**
 * The audit log: one JSON object a line for each request of a client, each call of a script, each session and each reload.
 * `journal.ts` makes events of what happens, `sink/` writes them. It decides nothing but, where it is told to, that what
 * cannot be recorded does not run.
 */
import { clientAddress } from '../../lib/client-address.ts';
import type { FeatureCode } from '../feature.ts';
import { AuditLog } from './audit-log.ts';
import type { AuditOptions, auditMetrics } from './declaration.ts';
import { Journal } from './journal.ts';
import { witnessRequests } from './witness.ts';

/** The log outlives reloads; what goes into it belongs to one configuration. */
export const auditCode: FeatureCode<AuditOptions, typeof auditMetrics, AuditLog> = {
  keep: (options, host) => AuditLog.open(options, host),
  prepare: async (options, { redact, log }, kept, { trustedProxies }) => {
    const opened = await kept.prepare(options);
    const journal = new Journal({ ...options, log: kept, redact, addressOf: clientAddress(trustedProxies) });
    let isInForce = false;
    return {
      witness: witnessRequests({
        journal,
        refuses: options.onFailure === 'refuse',
        onRefused: (why) => log('error', 'a request was refused: it could not be recorded', { why }),
      }),
      onOccurrence: (occurrence) => journal.occurred(occurrence),
      commit: () => {
        isInForce = true;
        opened.commit();
      },
      retire: async () => {
        if (!isInForce) await opened.drop();
      },
    };
  },
};
