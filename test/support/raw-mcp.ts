/** An MCP client that says exactly what a test tells it to, over HTTP. */
import type { JsonObject } from '../../src/protocol/index.ts';

export const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

const baseHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  /** Every message of the body, be it one of JSON or several in a stream. */
  readonly messages: Message[];
}

/** A JSON-RPC message as a test looks at it. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: JsonObject };
}

/** Sends a body as it is. */
export async function post(
  url: URL,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const init = { method: 'POST', body: text as string, headers: { ...baseHeaders, ...headers } };
  const response = await fetch(url, signal === undefined ? init : { ...init, signal });
  return readAnswer(response);
}

export async function readAnswer(response: Response): Promise<RawAnswer> {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  return { status: response.status, headers: response.headers, type, messages: messagesOf(text, type) };
}

function messagesOf(text: string, type: string): Message[] {
  if (type.startsWith('text/event-stream')) return eventsOf(text).flatMap(({ message }) => message ?? []);
  return type.startsWith('application/json') ? [JSON.parse(text) as Message] : [];
}

export interface RawEvent {
  readonly id: string | undefined;
  /** Undefined for an event without data. */
  readonly message: Message | undefined;
}

/** The events in the text of a stream. */
export function eventsOf(text: string): RawEvent[] {
  return text
    .split('\n\n')
    .filter((block) => /^(?:id|data|event):/m.test(block))
    .map((block) => {
      const data = /^data: (.+)$/m.exec(block)?.[1];
      return {
        id: /^id: (.*)$/m.exec(block)?.[1],
        message: data === undefined ? undefined : (JSON.parse(data) as Message),
      };
    });
}

/** Opens a legacy session; the headers to send with what follows. */
export async function openSession(
  url: URL,
  options: { revision?: string; capabilities?: JsonObject; headers?: Record<string, string> } = {},
): Promise<Record<string, string>> {
  const { revision = '2025-11-25', capabilities = {}, headers = {} } = options;
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: revision, capabilities, clientInfo };
  const answer = await post(url, { jsonrpc: '2.0', id: 'init', method: 'initialize', params }, headers);
  const sessionId = answer.headers.get('mcp-session-id');
  if (sessionId === null) throw new Error(`no session: ${JSON.stringify(answer)}`);
  return { ...headers, 'mcp-session-id': sessionId, 'mcp-protocol-version': revision };
}

export interface ModernOptions {
  readonly id?: string | number;
  readonly capabilities?: JsonObject;
  readonly meta?: JsonObject;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** The body and headers of a 2026-07-28 request, as a conforming client sends them. */
export function modernRequest(
  method: string,
  params: JsonObject,
  { id = 1, capabilities = {}, meta = {}, headers = {} }: ModernOptions = {},
): { body: JsonObject; headers: Record<string, string> } {
  const _meta = { ...modernMeta, 'io.modelcontextprotocol/clientCapabilities': capabilities, ...meta };
  const name = params['name'] ?? params['uri'];
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...headers,
    },
  };
}

/** Sends a 2026-07-28 request and reads the whole answer. */
export async function modern(
  url: URL,
  method: string,
  params: JsonObject = {},
  options: ModernOptions = {},
): Promise<RawAnswer> {
  const { body, headers } = modernRequest(method, params, options);
  return post(url, body, headers, options.signal);
}

/** Reads a stream as it comes, an event at a time. */
export async function* streamed(response: Response): AsyncGenerator<RawEvent> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield* eventsOf(text.slice(0, end + 2));
      text = text.slice(end + 2);
    }
  }
}

/** Every event of a stream, once it has ended. */
export async function all(events: AsyncGenerator<RawEvent>): Promise<RawEvent[]> {
  const seen: RawEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** The next event that is a message. Throws when the stream ends first. */
export async function nextMessage(events: AsyncGenerator<RawEvent>): Promise<Message> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended');
    if (value.message !== undefined) return value.message;
  }
}

/** What `fetch` takes to send a message as a client does. */
export function init(body: object, headers: Record<string, string>): RequestInit {
  const accept = 'application/json, text/event-stream';
  return {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept, ...headers },
  };
}

/** A `tools/call` with more parameters, for a legacy session. */
export const call = (name: string, id: string | number = 1, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, ...more },
});

/** The class of what a call was aborted with; undefined when it was not. */
export function errorName(reason: unknown): string | undefined {
  return reason instanceof Error ? reason.name : undefined;
}
