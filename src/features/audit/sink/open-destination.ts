import { whyNotWritten } from '../../../lib/file-fault.ts';
import { FeatureError, type FeatureHost } from '../../feature.ts';
import type { AuditOptions, auditMetrics } from '../declaration.ts';
import type { Destination } from './destination.ts';
import { FileDestination } from './file-destination.ts';
import { streamDestination } from './stream-destination.ts';

/**
 * Opens what `logFile` names. Where stdout is not the server's to write to, events that would go there go to stderr: with
 * `--stdio` it speaks MCP to a client, in a program of one's own it is that program's.
 * @throws FeatureError when the file cannot be opened
 */
export async function openDestination(
  { logFile = 'stdout', maxSizeMB, maxFiles }: AuditOptions,
  { streams, log }: FeatureHost<typeof auditMetrics>,
): Promise<Destination> {
  if (logFile === 'stdout' && streams.stdout !== undefined)
    return streamDestination(streams.stdout, 'stdout');
  if (logFile === 'stdout') log('warn', 'audit: stdout is not for events here, so events go to stderr');
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
