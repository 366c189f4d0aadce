/** What a request is about, as its event tells it. */
import type { PerMethod, Request } from '../../gateway/index.ts';
import { isObject, type JsonObject, type JsonValue } from '../../protocol/index.ts';
import type { EventType } from './event-types.ts';

/** The `target` of an event. */
export interface Target {
  readonly endpoint?: string;
  readonly method: string;
  /** As clients see it: the name of a tool or prompt, the id of a task. */
  readonly name?: string;
  readonly uri?: string;
  readonly type?: 'tool' | 'resource' | 'prompt' | 'server';
}

interface Kind {
  readonly eventType: EventType;
  readonly type?: Target['type'];
  /** The parameter that names what it is about. */
  readonly named?: 'name' | 'uri' | 'taskId';
}

const kinds: PerMethod<Kind> = {
  'tools/call': { eventType: 'mcp_tool_call', type: 'tool', named: 'name' },
  'tools/list': { eventType: 'mcp_tools_list', type: 'tool' },
  'resources/read': { eventType: 'mcp_resource_read', type: 'resource', named: 'uri' },
  'resources/list': { eventType: 'mcp_resources_list', type: 'resource' },
  'resources/templates/list': { eventType: 'mcp_resources_list', type: 'resource' },
  'resources/subscribe': { eventType: 'mcp_request', type: 'resource', named: 'uri' },
  'resources/unsubscribe': { eventType: 'mcp_request', type: 'resource', named: 'uri' },
  'prompts/get': { eventType: 'mcp_prompt_get', type: 'prompt', named: 'name' },
  'prompts/list': { eventType: 'mcp_prompts_list', type: 'prompt' },
  'completion/complete': { eventType: 'mcp_completion' },
  'logging/setLevel': { eventType: 'mcp_logging', type: 'server' },
  'notifications/roots/list_changed': { eventType: 'mcp_roots_list_changed' },
  'tasks/get': { eventType: 'mcp_request', named: 'taskId' },
  'tasks/update': { eventType: 'mcp_request', named: 'taskId' },
  'tasks/cancel': { eventType: 'mcp_request', named: 'taskId' },
  'tasks/list': { eventType: 'mcp_request' },
  'tasks/result': { eventType: 'mcp_request', named: 'taskId' },
  describe: { eventType: 'mcp_request', type: 'server' },
  locate: { eventType: 'mcp_request', type: 'server' },
  extension: { eventType: 'mcp_request' },
};

/** Methods that are answered at the edge. */
const atTheEdge: ReadonlyMap<string, EventType> = new Map([
  ['initialize', 'mcp_initialize'],
  ['ping', 'mcp_ping'],
  ['notifications/roots/list_changed', 'mcp_roots_list_changed'],
]);

/** A client's word goes into an event no longer than that. */
const maxNameLength = 1024;

/** The type of the event of a request in the funnel. */
export function eventTypeOf({ method }: Request): EventType {
  return kinds[method].eventType;
}

/** The type of the event of a request or notification that was answered at the edge. */
export function edgeEventType(method: string): EventType {
  const known = atTheEdge.get(method);
  if (known !== undefined) return known;
  if (method.startsWith('notifications/')) return 'mcp_notification';
  return Object.hasOwn(kinds, method) ? kinds[method as keyof typeof kinds].eventType : 'mcp_request';
}

export function targetOf(request: Request): Target {
  const { type, named } = kinds[request.method];
  const params = paramsOf(request);
  const name = named === undefined ? undefined : textOf(params?.[named]);
  return {
    method: request.method === 'extension' ? bounded(request.name) : request.method,
    ...(name !== undefined && (named === 'uri' ? { uri: name, name } : { name })),
    ...(type !== undefined && { type }),
    ...(request.method === 'completion/complete' && targetOfReference(params?.['ref'])),
  };
}

/** What a request asks with; undefined for lists. */
export function paramsOf(request: Request): JsonObject | undefined {
  return 'params' in request ? request.params : undefined;
}

export function bounded(text: string): string {
  return text.length <= maxNameLength ? text : `${text.slice(0, maxNameLength)}…`;
}

function targetOfReference(reference: JsonValue | undefined): Pick<Target, 'name' | 'uri' | 'type'> {
  if (!isObject(reference)) return {};
  const [name, uri] = [textOf(reference['name']), textOf(reference['uri'])];
  if (name !== undefined) return { type: 'prompt', name };
  return uri === undefined ? {} : { type: 'resource', uri, name: uri };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? bounded(value) : undefined;
}
