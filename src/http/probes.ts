import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler, Route } from './listener.ts';
import { sendJson, sendText } from './respond.ts';

/** What the probes and the status page tell; asked anew each time. */
export interface ProbeOptions {
  /** True once requests can be served: at least one backend is there, or all, as configured. */
  readonly ready: () => boolean;
  /** Why or why not, for people; the body of `/readyz`. */
  readonly readiness?: () => object;
  /** The body of `/status`. */
  readonly status: () => object | Promise<object>;
  /** Names the server on the page at `/`. */
  readonly title: string;
}

/** `/`, `/health`, `/readyz` and `/status`. */
export function probeRoutes(options: ProbeOptions): Route[] {
  return [
    { path: '/', handler: get((response) => sendText(response, 200, welcome(options.title))) },
    { path: '/health', handler: get((response) => sendJson(response, 200, { status: 'ok' })), anyHost: true },
    { path: '/readyz', handler: get((response) => sendReadiness(response, options)), anyHost: true },
    { path: '/status', handler: get((response) => sendStatus(response, options)) },
  ];
}

function sendReadiness(response: ServerResponse, { ready, readiness }: ProbeOptions): void {
  const isReady = ready();
  sendJson(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', ...readiness?.() });
}

async function sendStatus(response: ServerResponse, { status }: ProbeOptions): Promise<void> {
  sendJson(response, 200, await status());
}

/** A handler for GET and HEAD that answers 500 when it fails. */
function get(answer: (response: ServerResponse) => void | Promise<void>): Handler {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return sendText(response, 405, 'expected GET\n');
    }
    Promise.resolve()
      .then(() => answer(response))
      .catch(() => sendJson(response, 500, { error: 'internal error' }));
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
