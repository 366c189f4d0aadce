/**
 * Every method that a client may send, in any revision that is served: the one table that both kinds of revisions, the
 * funnel and the metrics read. A method that stands nowhere here is an extension.
 */

/** What is known of one method. */
export interface MethodEntry {
  /** `edge`: the protocol's own business, answered where the client is. `gateway`: passes the funnel. */
  readonly answeredBy: 'edge' | 'gateway';
  /** Which revisions have it: those with sessions, the stateless 2026-07-28, or all. */
  readonly revisions: 'sessions' | 'stateless' | 'all';
  /** For lists: the field of the result that holds the entries. */
  readonly listField?: 'tools' | 'resources' | 'resourceTemplates' | 'prompts';
  /** The field of `params` that the `Mcp-Name` header mirrors, where a request must send one. */
  readonly nameField?: 'name' | 'uri' | 'taskId';
  /** Its results carry caching hints in 2026-07-28; lists have theirs by themselves. */
  readonly cacheable?: true;
}

const table = {
  initialize: { answeredBy: 'edge', revisions: 'sessions' },
  ping: { answeredBy: 'edge', revisions: 'sessions' },
  'server/discover': { answeredBy: 'edge', revisions: 'stateless', cacheable: true },
  'subscriptions/listen': { answeredBy: 'edge', revisions: 'stateless' },
  'tools/list': { answeredBy: 'gateway', revisions: 'all', listField: 'tools' },
  'tools/call': { answeredBy: 'gateway', revisions: 'all', nameField: 'name' },
  'resources/list': { answeredBy: 'gateway', revisions: 'all', listField: 'resources' },
  'resources/templates/list': { answeredBy: 'gateway', revisions: 'all', listField: 'resourceTemplates' },
  'resources/read': { answeredBy: 'gateway', revisions: 'all', nameField: 'uri', cacheable: true },
  'resources/subscribe': { answeredBy: 'gateway', revisions: 'sessions' },
  'resources/unsubscribe': { answeredBy: 'gateway', revisions: 'sessions' },
  'prompts/list': { answeredBy: 'gateway', revisions: 'all', listField: 'prompts' },
  'prompts/get': { answeredBy: 'gateway', revisions: 'all', nameField: 'name' },
  'completion/complete': { answeredBy: 'gateway', revisions: 'all' },
  'logging/setLevel': { answeredBy: 'gateway', revisions: 'sessions' },
  'notifications/roots/list_changed': { answeredBy: 'gateway', revisions: 'sessions' },
  'tasks/get': { answeredBy: 'gateway', revisions: 'all', nameField: 'taskId' },
  'tasks/update': { answeredBy: 'gateway', revisions: 'all', nameField: 'taskId' },
  'tasks/cancel': { answeredBy: 'gateway', revisions: 'all', nameField: 'taskId' },
  'tasks/list': { answeredBy: 'gateway', revisions: 'sessions' },
  'tasks/result': { answeredBy: 'gateway', revisions: 'sessions' },
} as const satisfies Record<string, MethodEntry>;

type Table = typeof table;

/** A method that stands in the table. */
export type KnownMethod = keyof Table;

/** A method that passes the funnel. */
export type GatewayMethod = {
  [Method in KnownMethod]: Table[Method]['answeredBy'] extends 'gateway' ? Method : never;
}[KnownMethod];

/** A method whose result is a list. */
export type ListMethod = {
  [Method in KnownMethod]: Table[Method] extends { readonly listField: string } ? Method : never;
}[KnownMethod];

const entries: ReadonlyMap<string, MethodEntry> = new Map(Object.entries(table));

/** Every method of the table. */
export const knownMethods: readonly KnownMethod[] = Object.keys(table) as KnownMethod[];

/** What is known of `method`; undefined for an extension. */
export function methodEntry(method: string): MethodEntry | undefined {
  return entries.get(method);
}

export function isKnownMethod(method: string): method is KnownMethod {
  return entries.has(method);
}

export function isGatewayMethod(method: string): method is GatewayMethod {
  return entries.get(method)?.answeredBy === 'gateway';
}

/** False for a method that the table knows and these revisions do not have. */
export function isServedIn(revisions: 'sessions' | 'stateless', method: string): boolean {
  const entry = entries.get(method);
  return entry === undefined || entry.revisions === 'all' || entry.revisions === revisions;
}
