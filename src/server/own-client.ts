/** The program itself as a client: what it lists and calls passes the funnel as any client's request does, and is counted. */
import { AppError } from './app-error.ts';
import {
  anonymous,
  BackendError,
  noClient,
  waitFor,
  type Caller,
  type ClientPort,
  type Gateway,
  type Sender,
  type Tool,
  type ToolResult,
} from '../gateway/index.ts';
import { ProtocolError, type JsonObject } from '../protocol/index.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Told what the tool reports of its progress. */
  onProgress?(progress: JsonObject): void;
}

/** Lists and calls tools. Whatever fails, but for a tool's own failure, is thrown as an AppError. */
export interface OwnClient {
  listTools(signal: AbortSignal): Promise<readonly Tool[]>;
  callTool(name: string, args: JsonObject, options: CallOptions): Promise<ToolResult>;
}

/**
 * @param gateway the funnel in force, asked for at each call
 * @param caller who calls
 */
export function createOwnClient(gateway: () => Gateway, caller: Caller = ownCaller): OwnClient {
  return {
    listTools: (signal) =>
      inWords(() => {
        const asked = { origin: 'client', method: 'tools/list', caller, client: noClient, signal } as const;
        return untilAborted(gateway().ask({ ...asked, sender }), signal);
      }),
    callTool: (name, args, call) =>
      inWords(async () => ({
        ...(await gateway().ask({
          origin: 'client',
          method: 'tools/call',
          name,
          params: toParams(name, args, call),
          caller,
          client: toPort(call),
          signal: call.signal,
          sender,
        })),
      })),
  };
}

/** How its requests come. */
const sender: Sender = { transport: 'process', headers: {} };

/** Longer than a server may take for any call. A caller who does not want to wait aborts. */
export const callTimeoutMs = 60 * 60_000;

/** Who asks where the program itself does. */
export const ownCaller: Caller = {
  sessionId: 'vmcp',
  hasSession: false,
  principal: anonymous,
  revision: '2026-07-28',
  capabilities: {},
  forwardedHeaders: {},
};

/** The parameters of `tools/call`. */
export function toParams(name: string, args: JsonObject, { onProgress }: CallOptions): JsonObject {
  return { name, arguments: args, ...(onProgress !== undefined && { _meta: { progressToken: 1 } }) };
}

/** The end of a client that can be asked nothing. */
export function toPort({ onProgress }: CallOptions): ClientPort {
  return {
    canAsk: false,
    notify: (method, params) => {
      if (method === 'notifications/progress') onProgress?.(params);
    },
    request: (method) =>
      Promise.reject(new ProtocolError(-32601, `expected no question in mid-call, found ${method}`)),
  };
}

/** What goes wrong with the other side, as one line for people. */
export async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof BackendError) throw new AppError('unreachable', cause.reason, { cause });
    if (cause instanceof ProtocolError) throw new AppError('call_failed', cause.message, { cause });
    throw cause;
  }
}

/** The work's result, unless the signal comes first. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const timeout = (): AppError => new AppError('unreachable', 'did not answer within an hour');
  return waitFor(work, { signal, timeoutMs: callTimeoutMs, timeout });
}
