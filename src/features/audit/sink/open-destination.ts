import { whyNotWritten } from '../../../lib/file-fault.ts';
import { FeatureError, type FeatureHost } from '../../feature.ts';
import type { AuditOptions, auditMetrics } from '../declaration.ts';
import type { Destination } from './destination.ts';
import { FileDestination } from './file-destination.ts';
import { streamDestination } from './stream-destination.ts';

/**
 * Opens what `logFile` names. Where stdout speaks MCP to a client, events that would go there go to stderr.
 * @throws FeatureError when the file cannot be opened
 */
export async function openDestination(
  { logFile = 'stdout', maxSizeMB, maxFiles }: AuditOptions,
  { streams, log }: FeatureHost<typeof auditMetrics>,
): Promise<Destination> {
  if (logFile === 'stdout' && streams.stdout !== undefined)
    return streamDestination(streams.stdout, 'stdout');
  if (logFile === 'stdout') log('warn', "audit: stdout is the MCP client's, so events go to stderr");
  if (logFile === 'stdout' || logFile === 'stderr') return streamDestination(streams.stderr, 'stderr');
  try {
    return await FileDestination.open({
      path: logFile,
      maxBytes: maxSizeMB * 2 ** 20,
      maxFiles,
      onTrouble: (message) => log('error', message),
    });
  } catch (error) {
    throw new FeatureError(`audit.logFile: ${logFile}: ${whyNotWritten(error)}`, { cause: error });
  }
}
