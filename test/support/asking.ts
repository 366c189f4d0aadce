/** Asks a gateway for one thing at a time: what tests say in one line, where a transport makes a whole request. */
import type {
  Ask,
  CallContext,
  Caller,
  PassedRequest,
  RequestContext,
  ServerCapabilities,
  Tool,
  ToolCall,
  ToolResult,
} from '../../src/gateway/index.ts';
import { isGatewayMethod, type JsonObject } from '../../src/protocol/index.ts';
import { noClient } from '../../src/gateway/index.ts';

/** A call as tests write it: that it is a client's goes without saying. */
export type CallParts = Omit<ToolCall, 'origin' | 'method'>;

export interface Asking {
  listTools(caller: Caller): Promise<Tool[]>;
  callTool(call: CallParts): Promise<ToolResult>;
  list(what: 'resources' | 'resourceTemplates' | 'prompts', caller: Caller): Promise<JsonObject[]>;
  /** Any other method; one that the table does not know is an extension. */
  request(
    request: CallContext & { readonly method: string; readonly params: JsonObject },
  ): Promise<JsonObject>;
  capabilities(caller: Caller): Promise<ServerCapabilities>;
  instructions(caller: Caller): Promise<string | undefined>;
}

const listMethods = {
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
} as const;

export function asking({ ask }: { readonly ask: Ask }): Asking {
  const context = (caller: Caller): RequestContext => ({
    origin: 'client',
    caller,
    client: noClient,
    signal: new AbortController().signal,
  });
  return {
    listTools: (caller) => ask({ ...context(caller), method: 'tools/list' }),
    callTool: (call) =>
      ask('method' in call ? (call as ToolCall) : { ...call, origin: 'client', method: 'tools/call' }),
    list: (what, caller) => ask({ ...context(caller), method: listMethods[what] }),
    request: (request) => ask(toPassed(request)),
    capabilities: async (caller) => (await ask({ ...context(caller), method: 'describe' })).capabilities,
    instructions: async (caller) => (await ask({ ...context(caller), method: 'describe' })).instructions,
  };
}

function toPassed(request: CallContext & { method: string; params: JsonObject }): PassedRequest {
  const { method, ...rest } = request;
  if (!isGatewayMethod(method)) return { ...rest, origin: 'client', method: 'extension', name: method };
  return { ...rest, origin: 'client', method } as PassedRequest;
}

/** `gateway` with the short ways to ask it beside its own. */
export function withAsking<Gateway extends { readonly ask: Ask }>(gateway: Gateway): Gateway & Asking {
  return Object.assign(gateway, asking(gateway));
}
