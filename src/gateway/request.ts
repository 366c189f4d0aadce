/**
 * Everything a client can ask, as one closed union. What passes between the edge and the catalogue is a `Request`; a
 * stage sees each of them, and has to say which kinds it lets by unseen (`PerMethod`, `onlyFor`).
 */
import type { GatewayMethod, JsonObject, JsonValue } from '../protocol/index.ts';
import type { CallContext, ClientPort } from './caller.ts';
import type { CallingScript } from './calling-script.ts';
import type { Sender, Trail } from './record.ts';

/** A tool as a client sees it. Fields nobody has heard of pass through, hence the index signature. */
export interface Tool extends JsonObject {
  name: string;
  description?: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
}

/** A result with all its fields: `content`, `structuredContent`, `isError`, `_meta`, `resultType`, `task`, … */
export interface ToolResult extends JsonObject {
  content?: JsonValue[];
  structuredContent?: JsonValue;
  isError?: boolean;
}

/** Capabilities as the gateway offers them to a caller: the union of what its backends offer. */
export type ServerCapabilities = JsonObject;

/** What a server says of itself. */
export interface Description {
  readonly capabilities: ServerCapabilities;
  /** Text that backends want a model to read, joined; absent when there is none. */
  readonly instructions?: string;
}

/**
 * Who asks. `client`: a client's own request. `script`: a tool of ours on the client's behalf (a script, a composite
 * tool). `gateway`: the gateway itself, which wants to know what clients see.
 */
export type Origin = 'client' | 'script' | 'gateway';

/** What every request carries beside its own parameters. */
export interface RequestContext extends CallContext {
  readonly origin: Origin;
  /** How it came; absent where no client sent it. */
  readonly sender?: Sender;
  /** Present while a record is kept of it. */
  readonly trail?: Trail;
  /** Of the call that this one is a part of: an inner call of a script, a step of a composite tool. */
  readonly within?: Trail;
}

/**
 * What really ran for a client's call, as told by the part that ran it. The one thing in a request that is written on
 * its way: counting starts before it is known which tool a call leads to.
 */
export interface Ran {
  /** The `method` label of `toolhive_vmcp_tool_calls`. */
  countAs: 'execute_tool_script' | 'tool_call';
  /** The name of a tool that exists; undefined while none has been reached. Never a name that only a client knows. */
  tool: string | undefined;
}

interface CallFields {
  /** Read out of `params`; the empty string when `fault` says why the parameters are not valid. */
  readonly name: string;
  /** What the client sent, whole: `name`, `arguments`, `_meta`, `inputResponses`, `requestState`, `task`, … */
  readonly params: JsonObject;
  /** Such a call still passes the funnel, so that it is counted, and is refused at its end with invalid params. */
  readonly fault?: string;
  /** Present while a client's call is counted. */
  readonly ran?: Ran;
  /** The script that makes it; absent for a call of anything else. */
  readonly script?: CallingScript;
  /** The long texts of the result may be left unread (`takeUnreadText`). */
  readonly unreadTexts?: boolean;
}

interface PassedFields {
  readonly params: JsonObject;
}

interface Exchange<Fields, Result> {
  readonly fields: Fields;
  readonly result: Result;
}

type ListExchange<Entry> = Exchange<object, Entry[]>;
type PassedExchange = Exchange<PassedFields, JsonObject>;

/** Where a tool or prompt of the lists comes from. */
export interface Place {
  /** Absent for a tool of the gateway's own. */
  readonly backend?: string;
  /** As what a call of it is counted, for a tool of the gateway's own. */
  readonly own?: Ran['countAs'];
  /** As a client sees it; absent for a tool of the gateway's own. */
  readonly entry?: JsonObject;
}

/** Whose each name is, for this caller: what a stage decides by before anything has been asked of a backend. */
export interface Places {
  /** Undefined for a name that leads nowhere. */
  tool(name: string): Place | undefined;
  prompt(name: string): Place | undefined;
  /** Names of the backends that may be asked for it: its owner, or, where none is known, each that has resources. */
  resource(uri: string): readonly string[];
}

/**
 * What each method asks with and is answered with. A list that was given is never changed afterwards: another list is
 * another array, so that a reader may keep what it made of one.
 */
interface Exchanges {
  /** Every tool this caller may see, sorted by name. Names are those of the aggregate, not of the backends. */
  'tools/list': ListExchange<Tool>;
  /** All entries, unpaged. */
  'resources/list': ListExchange<JsonObject>;
  'resources/templates/list': ListExchange<JsonObject>;
  'prompts/list': ListExchange<JsonObject>;
  'tools/call': Exchange<CallFields, ToolResult>;
  'resources/read': PassedExchange;
  'resources/subscribe': PassedExchange;
  'resources/unsubscribe': PassedExchange;
  'prompts/get': PassedExchange;
  'completion/complete': PassedExchange;
  'logging/setLevel': PassedExchange;
  'notifications/roots/list_changed': PassedExchange;
  'tasks/get': PassedExchange;
  'tasks/update': PassedExchange;
  'tasks/cancel': PassedExchange;
  'tasks/list': PassedExchange;
  'tasks/result': PassedExchange;
  /** What `initialize`, `server/discover` and `subscriptions/listen` need to know. */
  describe: Exchange<object, Description>;
  /** Whose each name is. Asked by stages of what is below them. */
  locate: Exchange<object, Places>;
  /** A method that the table does not know; `name` is the method as the client wrote it. */
  extension: Exchange<PassedFields & { readonly name: string }, JsonObject>;
}

/** The kinds of requests: the methods that pass the funnel, and three of our own. */
export type RequestMethod = GatewayMethod | 'describe' | 'locate' | 'extension';

/** The request of one kind. */
export type RequestOf<Method extends RequestMethod> = {
  [Each in Method]: RequestContext & { readonly method: Each } & Exchanges[Each]['fields'];
}[Method];

/** Any request. */
export type Request = RequestOf<RequestMethod>;

/** What a request is answered with. */
export type ResultOf<Asked extends Request> = Exchanges[Asked['method']]['result'];

export type Result = ResultOf<Request>;

export type ToolCall = RequestOf<'tools/call'>;

/** Requests that pass through with their parameters. */
export type PassedRequest =
  Extract<Request, PassedFields> extends infer Each ? Exclude<Each, ToolCall> : never;

/**
 * A decision for each kind of request. A stage that must decide about every kind keeps one of these: where a method is
 * added to the table, it does not compile before it has decided about that one too.
 */
export type PerMethod<Decision> = Readonly<Record<RequestMethod, Decision>>;

/**
 * Answers requests. Failures that the protocol knows are thrown as `ProtocolError`; a tool's own failure is a
 * `ToolResult` with `isError`.
 */
export type Ask = <Asked extends Request>(request: Asked) => Promise<ResultOf<Asked>>;

/** A client's end where there is no client to tell or to ask. */
export const noClient: ClientPort = {
  canAsk: false,
  notify: () => undefined,
  request: (method) => Promise.reject(new Error(`${method}: no client can be asked here`)),
};
