import type { BackendClient, BackendInfo } from './backend.ts';
import { BackendError } from './backend.ts';

/**
 * A client that asks after a backend without a caller. Where the backend lets in nobody without a credential, it is there
 * all the same: a 401 or 403 is an answer, and what it offers is not known.
 */
export function probeClient(client: BackendClient): BackendClient {
  let isShut = false;
  const orShut = async <Answer>(work: Promise<Answer>, whenShut: Answer): Promise<Answer> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof BackendError && error.code === 'unauthorized') return whenShut;
      throw error;
    }
  };
  const connect = async (signal: AbortSignal): Promise<BackendInfo> => {
    const info = await orShut(client.connect(signal), shut);
    isShut = info === shut;
    return info;
  };
  return {
    name: client.name,
    transport: client.transport,
    connect,
    list: async (listing, signal) => (isShut ? [] : orShut(client.list(listing, signal), [])),
    request: (request) => client.request(request),
    ping: async (signal) => {
      if (isShut) await connect(signal);
      else await orShut(client.ping(signal), undefined);
    },
    notify: (sessionId, method, params) => client.notify(sessionId, method, params),
    subscribe: (listener) => client.subscribe(listener),
    endSession: (sessionId) => client.endSession(sessionId),
    reset: (reason) => client.reset(reason),
    close: () => client.close(),
  };
}

/** What is offered where nothing is told: whatever a caller may turn out to be offered. */
const shut: BackendInfo = {
  revision: 'told to callers alone',
  capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
};
