import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { noWishes, type Caller, type Principal, type Wishes } from '../../gateway/index.ts';
import { guarded } from '../../lib/guarded.ts';
import { Broadcast } from './broadcast.ts';
import { Core } from './exchange/core.ts';
import { HttpTransport } from './http/http.ts';
import { LegacyServer } from './sessions/session-server.ts';
import { ModernServer } from './stateless/stateless-server.ts';
import type { McpEndpointOptions } from './exchange/options.ts';
import type { Session } from './sessions/session.ts';
import { Sessions } from './http/sessions.ts';
import { Crossings } from './http/crossings.ts';
import { SharedSessions } from './http/shared-sessions.ts';
import { StdioTransport } from './stdio/stdio.ts';

const changedLists = ['tools', 'prompts', 'resources'] as const;

/** Lists that clients are told of when they change. */
export type ChangedList = (typeof changedLists)[number];

/** The gateway as an MCP server. */
export interface McpEndpoint {
  /** Serves one HTTP request at the MCP path. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Serves one client, who is `principal`, on two streams until it closes its end, or the endpoint closes. Never rejects. */
  serveStdio(input: Readable, output: Writable, principal: Principal, wishes?: Wishes): Promise<void>;
  /**
   * To be called when `gateway()` returns another gateway: listens to that one from now on, and tells each client which
   * lists differ for it. Calls under way end where they began.
   */
  gatewaySwapped(changedFor: (caller: Caller) => readonly ChangedList[]): void;
  /** Callers who would be told of a changed list: one for each session and each listening stream. */
  callers(): Iterable<Caller>;
  /** What is under way, for `/status` and for tests. */
  readonly load: {
    readonly sessions: number;
    readonly running: number;
    readonly parked: number;
    readonly listens: number;
  };
  /**
   * Lets calls under way finish for at most `drainMs`, then ends every session and stream. The listener must have
   * stopped to accept before.
   */
  close(drainMs?: number): Promise<void>;
}

export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const core = new Core(options);
  const endings = new Set<Promise<void>>();
  const finish = (work: Promise<void>): void => {
    const ending = work.finally(() => endings.delete(ending));
    endings.add(ending);
  };
  const endSession = (sessionId: string): void =>
    finish(
      core.gateway
        .endSession(sessionId)
        .catch((error: unknown) => core.onDefect(error, 'the end of a session')),
    );
  const legacy = new LegacyServer(core);
  const modern = new ModernServer(core, endSession);
  const sessions = new Sessions(
    core.limits,
    (session, why) => {
      const { caller } = session;
      endSession(caller.sessionId);
      // A session that this replica lets go of, or that ended at another one, has no end to be told of here.
      if (why === 'ended' || (why === 'released' && shared === undefined))
        core.occurred({ kind: 'session ended', caller });
      if (why === 'released' && shared !== undefined)
        finish(shared.release(session).catch((error: unknown) => core.onDefect(error, 'a shared session')));
    },
    options.shared && ((sessionId) => crossings?.streamTag(sessionId) ?? ''),
  );
  const shared = options.shared && new SharedSessions(options.shared, core, sessions, legacy);
  const crossings = options.shared && shared && new Crossings(options.shared, core, modern, shared);
  if (crossings !== undefined) {
    modern.parks.tag = crossings.parkTag;
    modern.elsewhere = (...retry) => crossings.retry(...retry);
  }
  const http = new HttpTransport(core, { sessions, legacy, modern, shared, crossings });
  const stdio = new Set<StdioTransport>();
  const closing = new AbortController();

  function* allSessions(): Iterable<Session> {
    for (const { session } of sessions.values()) yield session;
    for (const { session } of stdio) if (session !== undefined) yield session;
  }
  const broadcast = new Broadcast(allSessions, modern.listens, {
    onToolsChanged: () => http.toolsChanged(),
    now: core.now,
    onDefect: core.onDefect,
  });
  broadcast.listenTo(core.gateway);

  const sweep = guarded('the sweep of sessions', core.onDefect, () => {
    const nowMs = core.now();
    sessions.sweep(nowMs);
    modern.parks.sweep(nowMs);
  });
  const keepAlive = guarded('the keep-alive of streams', core.onDefect, () => {
    for (const session of sessions.values()) session.keepAlive();
    http.keepAlive();
  });
  const sweeper = setInterval(sweep, sweepMs(core));
  const keeper = setInterval(keepAlive, core.limits.keepAliveMs);
  for (const timer of [sweeper, keeper]) timer.unref();

  return {
    handle: (request, response) => http.handle(request, response),
    serveStdio: async (input, output, principal, wishes = noWishes) => {
      const transport = new StdioTransport(core, { legacy, modern, output, principal, wishes });
      stdio.add(transport);
      await transport.serve(input, closing.signal).finally(() => stdio.delete(transport));
    },
    *callers() {
      for (const { caller } of allSessions()) yield caller;
      yield* modern.listens.callers();
    },
    gatewaySwapped: (changedFor) => {
      broadcast.listenTo(core.gateway);
      http.toolsChanged();
      modern.listens.moveTo(core.gateway);
      for (const session of allSessions()) legacy.restore(session);
      for (const list of changedLists)
        broadcast.announce(`${list}Changed`, (caller) => changedFor(caller).includes(list));
    },
    get load() {
      return {
        sessions: sessions.size + stdio.size,
        running: core.running,
        parked: modern.parks.size,
        listens: modern.listens.size,
      };
    },
    close: async (drainMs = 0) => {
      for (const timer of [sweeper, keeper]) clearInterval(timer);
      modern.listens.close();
      // A parked call waits for a client that cannot come back.
      modern.parks.close();
      const untilMs = performance.now() + drainMs;
      while (core.running > 0 && performance.now() < untilMs) await setTimeout(10);
      closing.abort();
      broadcast.close();
      sessions.close();
      http.close();
      crossings?.close();
      shared?.close();
      await Promise.allSettled(endings);
    },
  };
}

/** Often enough that nothing outlives its time by much. */
function sweepMs({ limits }: Core): number {
  return Math.min(30_000, Math.max(10, Math.min(limits.sessionTtlMs, limits.parkTtlMs) / 4));
}
