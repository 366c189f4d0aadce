import type { Caller, RequestContext } from './caller.ts';
import type { JsonObject, JsonValue } from '../protocol/index.ts';

/** A tool as a client sees it. Fields nobody has heard of pass through, hence the index signature. */
export interface Tool extends JsonObject {
  name: string;
  description?: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
}

/**
 * One `tools/call`. `params` is what the client sent, whole: `name`, `arguments`, `_meta`, `inputResponses`,
 * `requestState`, `task` and whatever a later revision adds. `name` is read out of it; it is the empty string, and `fault`
 * says why, when the parameters are not valid: such a call still passes the layers, so that it is counted, and is
 * refused at the bottom with invalid params.
 */
export interface ToolCall extends RequestContext {
  readonly name: string;
  readonly params: JsonObject;
  readonly fault?: string;
}

/** A result with all its fields: `content`, `structuredContent`, `isError`, `_meta`, `resultType`, `task`, … */
export interface ToolResult extends JsonObject {
  content?: JsonValue[];
  structuredContent?: JsonValue;
  isError?: boolean;
}

/** Any other request that passes through (`resources/read`, `prompts/get`, `completion/complete`, `tasks/*`, …). */
export interface PassedRequest extends RequestContext {
  readonly method: string;
  readonly params: JsonObject;
}

/** Capabilities as the gateway offers them to this caller: the union of what its backends offer. */
export type ServerCapabilities = JsonObject;

/** What a gateway tells its listeners. No payload needs a reply. */
export type GatewayEvent =
  /** `sessionId` when the list has changed for that session alone. */
  | {
      readonly type: 'toolsChanged' | 'promptsChanged' | 'resourcesChanged';
      readonly sessionId?: string;
    }
  | { readonly type: 'resourceUpdated'; readonly params: JsonObject & { uri: string } }
  /** A backend's log message outside any request; `sessionId` when it came on one session's own connection. */
  | { readonly type: 'message'; readonly params: JsonObject; readonly sessionId?: string }
  /** Any other notification of a backend (`notifications/tasks/status`, `notifications/elicitation/complete`, …). */
  | {
      readonly type: 'notification';
      readonly method: string;
      readonly params: JsonObject;
      readonly sessionId?: string;
    };

/**
 * The one idea of this program: everything between the transport and the backends is a Gateway, and a layer turns a
 * Gateway into a Gateway. Failures that the protocol knows are thrown as `ProtocolError`; a tool's own failure is a
 * `ToolResult` with `isError`.
 */
export interface Gateway {
  /**
   * Every tool this caller may see, sorted by name. Names are those of the aggregate, not of the backends. A list that was
   * given is never changed afterwards, here and in `list`: another list is another array.
   */
  listTools(caller: Caller): Promise<Tool[]>;
  callTool(call: ToolCall): Promise<ToolResult>;
  /** All entries of `resources/list`, `resources/templates/list` or `prompts/list`, unpaged. */
  list(what: 'resources' | 'resourceTemplates' | 'prompts', caller: Caller): Promise<JsonObject[]>;
  request(request: PassedRequest): Promise<JsonObject>;
  capabilities(caller: Caller): Promise<ServerCapabilities>;
  /** Text that backends want a model to read (`instructions`), joined; undefined when there is none. */
  instructions(caller: Caller): Promise<string | undefined>;
  /** Returns the way to stop listening. */
  subscribe(listener: (event: GatewayEvent) => void): () => void;
  /** Releases what is held for this caller's session. Idempotent. */
  endSession(sessionId: string): Promise<void>;
}

/** Adds one thing to a Gateway and hands everything else on untouched. */
export type Layer = (inner: Gateway) => Gateway;
