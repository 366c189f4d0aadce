import { BackendError, CredentialError } from '../../../../gateway/index.ts';
import { whyUnreachable } from '../../../../lib/connection-fault.ts';

/**
 * Why a request over HTTP got no answer.
 * @param sent false when nothing can have reached the backend
 */
export function toSendFailure(backend: string, cause: Error, sent: boolean): BackendError {
  if (cause instanceof CredentialError) {
    const message = `has no credential: ${cause.message}`;
    return new BackendError('no-credential', backend, message, { mayHaveRun: false, cause });
  }
  const what = sent ? 'broke the connection before its answer' : 'cannot be reached';
  return new BackendError(
    sent ? 'disconnected' : 'unreachable',
    backend,
    `${what}: ${whyUnreachable(cause)}`,
    { mayHaveRun: sent, cause },
  );
}
