import {
  initializedText,
  initializeText,
  requestHeaders,
  requestText,
  type BenchRevision,
} from './messages.ts';

/** Something that answers MCP over HTTP, and what to call there. */
export interface Target {
  readonly name: string;
  readonly url: string;
  /** The tool under its name there. */
  readonly tool: string;
  readonly revisions: readonly BenchRevision[];
  close(): Promise<void>;
}

/** One request, ready to be sent again and again. */
export interface Shot {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a session where the revision has one, makes one call, and throws unless it is answered well. */
export async function prepareCall(target: Target, revision: BenchRevision): Promise<Shot> {
  const session = revision === '2026-07-28' ? undefined : await openSession(target.url);
  const shot = {
    url: target.url,
    headers: requestHeaders(revision, 'tools/call', target.tool, session),
    body: requestText(revision, 'tools/call', { name: target.tool, arguments: { text: 'ping', limit: 3 } }),
  };
  const response = await fetch(shot.url, { method: 'POST', headers: shot.headers, body: shot.body });
  const text = await response.text();
  if (!text.includes('pong'))
    throw new Error(`${target.name} answered ${response.status}: ${text.slice(0, 300)}`);
  return shot;
}

export async function openSession(url: string): Promise<string | undefined> {
  const headers = requestHeaders('2025-11-25', 'initialize', undefined, undefined);
  const response = await fetch(url, { method: 'POST', headers, body: initializeText });
  const session = response.headers.get('mcp-session-id') ?? undefined;
  await response.text();
  const further = requestHeaders('2025-11-25', 'initialized', undefined, session);
  await (await fetch(url, { method: 'POST', headers: further, body: initializedText })).text();
  return session;
}
