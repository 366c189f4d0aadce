import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler, Route, RouteHandler } from './listener.ts';
import { sendJson, sendText } from './respond.ts';

/** What the probes and the status page tell; asked anew each time. */
export interface ProbeOptions {
  /** True once requests can be served: at least one backend is there, or all, as configured. */
  readonly ready: () => boolean;
  /** Why or why not; stands in the body of `/readyz`. `named` is false where it may name no backend. */
  readonly readiness?: (named: boolean) => object;
  /** The answer of `/status`. */
  readonly status: (request: IncomingMessage) => StatusAnswer | Promise<StatusAnswer>;
  /** What browsers are shown at `/`, where there is a page; others get a few lines of text. */
  readonly page?: () => Handler | undefined;
  /** Names the server in the text at `/`. */
  readonly title: string;
}

/** What `/status` answers: to a caller who is refused, something else than 200. */
export interface StatusAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** `/`, `/health`, `/readyz` and `/status`. */
export function probeRoutes(options: ProbeOptions): Route[] {
  return [
    { path: '/', handler: get((response, request) => sendRoot(response, request, options)) },
    {
      path: '/health',
      handler: get((response) => sendJson(response, 200, { status: 'ok' })),
      hostCheck: 'never',
    },
    {
      path: '/readyz',
      handler: get((response, _request, passed) => sendReadiness(response, passed, options)),
      hostCheck: 'never',
    },
    { path: '/status', handler: get((response, request) => sendStatus(response, request, options)) },
  ];
}

function sendRoot(
  response: ServerResponse,
  request: IncomingMessage,
  { page, title }: ProbeOptions,
): void | Promise<void> {
  response.setHeader('vary', 'accept');
  const show = acceptsHtml(request) ? page?.() : undefined;
  if (show !== undefined) return show(request, response);
  sendText(response, 200, welcome(title));
}

/** Browsers name the type; curl and its like accept anything. */
function acceptsHtml({ headers }: IncomingMessage): boolean {
  return headers.accept?.toLowerCase().includes('text/html') ?? false;
}

function sendReadiness(response: ServerResponse, named: boolean, { ready, readiness }: ProbeOptions): void {
  const isReady = ready();
  const status = isReady ? 'ready' : 'not ready';
  sendJson(response, isReady ? 200 : 503, { status, ...readiness?.(named) });
}

async function sendStatus(
  response: ServerResponse,
  request: IncomingMessage,
  { status: answer }: ProbeOptions,
): Promise<void> {
  const { status, headers = {}, body } = await answer(request);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, body);
}

/** A handler for GET and HEAD. */
function get(
  answer: (response: ServerResponse, request: IncomingMessage, passed: boolean) => void | Promise<void>,
): RouteHandler {
  return (request, response, passed) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return sendText(response, 405, 'expected GET\n');
    }
    return answer(response, request, passed);
  };
}

function welcome(title: string): string {
  return [
    title,
    '',
    'This is an MCP server: point an MCP client at /mcp (Streamable HTTP).',
    'For operators: /status  /health  /readyz, and /metrics unless it is switched off or on a port of its own',
    '',
  ].join('\n');
}
