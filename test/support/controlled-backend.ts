import {
  McpServer,
  ProtocolError,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { serveHttp, type HttpBackend, type HttpBackendOptions } from './http-backend.ts';

/** A call of the tool `hold`, open until the test lets it go or the caller gives it up. */
export interface HeldCall {
  readonly key: string;
  /** True once the gateway has cancelled it. */
  readonly cancelled: boolean;
  release(): void;
}

/**
 * A backend in the test's own process, so that the test decides and knows how each call ends.
 * Tools: `ok` answers its arguments, `fail` is an error result, `refuse` is a JSON-RPC error, `slow` waits `ms`,
 * `hold` waits for the test, `big` answers a text of `bytes`.
 */
export interface ControlledBackend extends HttpBackend {
  /** How often each tool has been called. */
  readonly calls: ReadonlyMap<string, number>;
  /** The call of `hold` with this key, as soon as it is there. */
  held(key: string): Promise<HeldCall>;
  /** Resolves once the gateway has cancelled the held call with this key. */
  cancelled(key: string): Promise<void>;
}

const anyObject = { type: 'object' as const };
const toolNames = ['ok', 'fail', 'refuse', 'slow', 'hold', 'big'];

/** Starts it on a free port. */
export async function startControlledBackend(options: HttpBackendOptions = {}): Promise<ControlledBackend> {
  const calls = new Map<string, number>();
  const heldCalls = new Map<string, HeldCall>();
  const backend = await serveHttp(() => createControlledServer(calls, heldCalls), options);
  const held = (key: string): Promise<HeldCall> =>
    eventually(() => {
      const call = heldCalls.get(key);
      if (call) return call;
      throw new Error(`no call of "hold" with the key ${key} has reached the backend`);
    });
  return {
    ...backend,
    calls,
    held,
    async cancelled(key) {
      const call = await held(key);
      await eventually(() => {
        if (!call.cancelled) throw new Error(`the call of "hold" with the key ${key} has not been cancelled`);
      });
    },
    async close() {
      for (const call of heldCalls.values()) call.release();
      await backend.close();
    },
  };
}

function createControlledServer(calls: Map<string, number>, held: Map<string, HeldCall>): McpServer {
  const product = new McpServer(
    { name: 'controlled-backend', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  product.server.setRequestHandler('tools/list', () => ({
    tools: toolNames.map((name) => ({ name, description: `The tool ${name}`, inputSchema: anyObject })),
  }));
  product.server.setRequestHandler('tools/call', ({ params }, ctx) => {
    calls.set(params.name, (calls.get(params.name) ?? 0) + 1);
    return answer(params.name, params.arguments ?? {}, ctx, held);
  });
  return product;
}

function answer(
  name: string,
  args: Record<string, unknown>,
  ctx: ServerContext,
  held: Map<string, HeldCall>,
): CallToolResult | Promise<CallToolResult> {
  switch (name) {
    case 'ok':
      return { content: [{ type: 'text', text: JSON.stringify(args) }], structuredContent: args };
    case 'fail':
      return { isError: true, content: [{ type: 'text', text: 'this tool always fails' }] };
    case 'refuse':
      throw new ProtocolError(-32050, 'this tool always refuses', { reason: 'as it should' });
    case 'slow':
      return slow(Number(args['ms']), ctx.mcpReq.signal);
    case 'hold':
      return hold(String(args['key']), ctx.mcpReq.signal, held);
    case 'big':
      return { content: [{ type: 'text', text: 'x'.repeat(Number(args['bytes'])) }] };
    default:
      throw new ProtocolError(-32602, `no tool is named ${name}`);
  }
}

/** A call that was given up, or whose backend is gone, keeps no process alive. */
async function slow(ms: number, signal: AbortSignal): Promise<CallToolResult> {
  await delay(ms, undefined, { signal, ref: false });
  return { content: [{ type: 'text', text: 'late' }] };
}

async function hold(key: string, signal: AbortSignal, held: Map<string, HeldCall>): Promise<CallToolResult> {
  const { promise, resolve } = Promise.withResolvers<void>();
  held.set(key, {
    key,
    get cancelled() {
      return signal.aborted;
    },
    release: resolve,
  });
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  return { content: [{ type: 'text', text: `held ${key}` }] };
}
