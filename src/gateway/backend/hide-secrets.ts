import type { Redact } from '../../lib/redact.ts';
import type { BackendClient, BackendError } from './backend.ts';
import { type JsonValue, ProtocolError } from '../../protocol/index.ts';

/**
 * A client of the same backend whose errors hold no secret: a backend may quote in an error what the gateway sent it to be
 * let in, and errors go to the log, to `/status`, to clients and into scripts. Results pass as they are: what a tool says
 * belongs to its caller.
 */
export function hideSecrets(client: BackendClient, redact: Redact): BackendClient {
  const hidden = <Result>(answer: Promise<Result>): Promise<Result> =>
    answer.catch((error: unknown) => {
      throw redactError(error, redact);
    });
  return {
    name: client.name,
    transport: client.transport,
    connect: (signal) => hidden(client.connect(signal)),
    list: (listing, signal, sessionId) => hidden(client.list(listing, signal, sessionId)),
    request: (request) => hidden(client.request(request)),
    ping: (signal) => hidden(client.ping(signal)),
    notify: (sessionId, method, params) => client.notify(sessionId, method, params),
    subscribe: (listener) =>
      client.subscribe((event) =>
        listener(
          event.type === 'disconnected'
            ? { ...event, error: redactError(event.error, redact) as BackendError }
            : event,
        ),
      ),
    endSession: (sessionId) => client.endSession(sessionId),
    reset: (reason) => client.reset(reason),
    close: () => client.close(),
  };
}

/** The same error where its data hold no secret, so that its class and identity stay. */
function redactError(error: unknown, redact: Redact): unknown {
  if (!(error instanceof Error)) return error;
  const message = redact(error.message);
  const data = error instanceof ProtocolError ? JSON.stringify(error.data) : undefined;
  if (data !== undefined && redact(data) !== data) {
    const { code } = error as ProtocolError;
    return new ProtocolError(code, message, { ...parsed(redact(data)), cause: error });
  }
  if (message !== error.message) error.message = message;
  return error;
}

/** A mark in the place of a number is no JSON: then the data are left out. */
function parsed(text: string): { data?: JsonValue } {
  try {
    return { data: JSON.parse(text) as JsonValue };
  } catch {
    return {};
  }
}
