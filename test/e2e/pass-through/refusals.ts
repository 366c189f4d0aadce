import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../src/protocol/index.ts';
import type { ClientRevision } from '../../support/clients.ts';
import { modern, openSession, post, type Message } from '../../support/raw-mcp.ts';
import type { BackendKind } from './backends.ts';

/** Something that cannot pass, and the answer that says so. */
export interface Refusal {
  readonly what: string;
  /** Clients that are refused it; both unless given. */
  readonly client?: ClientRevision;
  readonly method: string;
  readonly params: JsonObject;
  /** What the documentation says of the answer. */
  readonly answer: string;
  isRefused(answer: Message, backend: BackendKind): boolean;
}

/** The capability that a client must have declared for a tool of the fixture. */
function unanswerable(what: string, tool: string, requiredCapabilities: JsonObject): Refusal {
  return {
    what: `${what}, of a client that did not declare it`,
    method: 'tools/call',
    params: { name: tool, arguments: { prompt: 'Where?' } },
    answer:
      'error −32021 with `requiredCapabilities`; a 2025-11-25 backend over Streamable HTTP sees what the client declared, and its own result says so',
    isRefused({ result, error }, { revision, transport }) {
      if (revision === '2025-11-25' && transport === 'Streamable HTTP') {
        return result?.['isError'] === true && JSON.stringify(result).includes('did not declare');
      }
      return error?.code === -32021 && isDeepStrictEqual(error.data, { requiredCapabilities });
    },
  };
}

function removed(method: string, params: JsonObject = {}): Refusal {
  return {
    what: `\`${method}\`, which 2026-07-28 took away`,
    client: '2026-07-28',
    method,
    params,
    answer: 'error −32601, with HTTP status 404',
    isRefused: ({ error }) => error?.code === -32601,
  };
}

export const refusals: readonly Refusal[] = [
  unanswerable('elicitation by form', 'test_input_required_result_elicitation', {
    elicitation: { form: {} },
  }),
  unanswerable('elicitation by URL', 'test_url_elicitation', { elicitation: { url: {} } }),
  unanswerable('sampling', 'test_sampling', { sampling: {} }),
  unanswerable('roots', 'test_input_required_result_list_roots', { roots: {} }),
  {
    what: 'tasks, where the backend does not declare them',
    client: '2025-11-25',
    method: 'tasks/list',
    params: {},
    answer: 'error −32601',
    isRefused: ({ error }) => error?.code === -32601,
  },
  {
    what: 'a resource that no backend has, of a session',
    client: '2025-11-25',
    method: 'resources/read',
    params: { uri: 'test://nowhere' },
    answer: 'error −32002 with its `uri`',
    isRefused: ({ error }) => error?.code === -32002 && error.data?.['uri'] === 'test://nowhere',
  },
  {
    what: 'a resource that no backend has, of 2026-07-28',
    client: '2026-07-28',
    method: 'resources/read',
    params: { uri: 'test://nowhere' },
    answer: 'error −32602 with its `uri`, whatever the backend said',
    isRefused: ({ error }) => error?.code === -32602 && error.data?.['uri'] === 'test://nowhere',
  },
  {
    what: 'a method that neither side knows',
    method: 'vendor/unheard-of',
    params: {},
    answer: 'error −32601',
    isRefused: ({ error }) => error?.code === -32601,
  },
  removed('ping'),
  removed('logging/setLevel', { level: 'debug' }),
  removed('resources/subscribe', { uri: 'test://static-text' }),
  removed('resources/unsubscribe', { uri: 'test://static-text' }),
  removed('tasks/list'),
  removed('tasks/result', { taskId: 'x' }),
];

/** The answer to a client of this revision that declared nothing. */
export async function answerTo(
  { method, params }: Refusal,
  url: URL,
  revision: ClientRevision,
): Promise<Message> {
  const { messages } =
    revision === '2026-07-28'
      ? await modern(url, method, params)
      : await post(url, { jsonrpc: '2.0', id: 1, method, params }, await openSession(url));
  return messages.at(-1) ?? {};
}
