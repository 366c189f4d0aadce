/** One event, in ToolHive's format: who, from where, what, which backend, with what outcome, for how long. */
import { createHash } from 'node:crypto';
import type { Caller, Principal, Sender } from '../../gateway/index.ts';
import { isObject, type JsonObject, type JsonValue } from '../../protocol/index.ts';
import type { EventType } from './event-types.ts';
import type { Outcome } from './outcome.ts';
import { bounded, type Target } from './targets.ts';

/** Where an event came from. */
export interface Source {
  readonly type: 'network' | 'local';
  /** The client's address; `stdio` for one on stdin and stdout, `process` for the program itself. */
  readonly value: string;
  readonly extra?: Readonly<Record<string, string>>;
}

/** What is known of an event when it is recorded. */
export interface EventFields {
  readonly id: string;
  readonly type: EventType;
  /** `started` for the record that is written before a request, where it may not run unrecorded. */
  readonly outcome: Outcome['outcome'] | 'started';
  readonly details?: Omit<Outcome, 'outcome'>;
  readonly source: Source;
  readonly subjects: Readonly<Record<string, string>>;
  readonly target: Target;
  readonly backend?: string | undefined;
  readonly scriptHash?: string | undefined;
  readonly approval?: { readonly question: string; readonly answer: string } | undefined;
  /** Of the call that it is a part of. */
  readonly parent?: string | undefined;
  readonly durationMs?: number;
  readonly transport?: Sender['transport'];
  readonly revision?: string;
  readonly status?: number;
  readonly delegation?: readonly JsonObject[];
  readonly data?: { readonly request?: JsonValue; readonly response?: JsonValue };
}

/**
 * The line of an event, with its line break.
 * @param at when it is recorded, in milliseconds since 1970
 */
export function toLine(event: EventFields, component: string, at: number): string {
  const time = new Date(at).toISOString();
  const { details = {} } = event;
  const extra = {
    backend_name: event.backend,
    duration_ms: event.durationMs === undefined ? undefined : Number(event.durationMs.toFixed(3)),
    transport: event.transport === 'http' ? 'streamable-http' : event.transport,
    mcp_version: event.revision,
    http_status: event.status,
    error_code: details.errorCode,
    ended: details.ended,
    result_type: details.resultType,
    script_hash: event.scriptHash,
    approval: event.approval,
  };
  const line = {
    time,
    level: 'AUDIT',
    msg: 'audit_event',
    audit_id: event.id,
    parent: event.parent,
    type: event.type,
    logged_at: time,
    outcome: event.outcome,
    component,
    source: event.source,
    subjects: event.subjects,
    target: event.target,
    metadata: { extra },
    delegation: event.delegation,
    data: event.data,
  };
  return `${JSON.stringify(line)}\n`;
}

/** Who asks: by the names that people have for them, and by what is unique (issuer and subject together). */
export function subjectsOf(principal: Principal, clientInfo?: JsonObject): Record<string, string> {
  const { claims, subject, issuer } = principal;
  const named = ['name', 'preferred_username', 'email'].map((claim) => claims[claim]).find(isText);
  return {
    user: bounded(named ?? subject),
    user_id: bounded(subject),
    issuer: bounded(issuer),
    ...(isText(clientInfo?.['name']) && { client_name: bounded(clientInfo['name']) }),
    ...(isText(clientInfo?.['version']) && { client_version: bounded(clientInfo['version']) }),
  };
}

/** Who acts for the subject, from the last actor to the first (RFC 8693, section 4.1); undefined where it acts itself. */
export function delegationOf({ claims }: Principal, maxDepth: number): JsonObject[] | undefined {
  const actors: JsonObject[] = [];
  for (let act = claims['act']; isObject(act) && actors.length < maxDepth; act = act['act'])
    actors.push({
      ...(isText(act['iss']) && { iss: bounded(act['iss']) }),
      ...(isText(act['sub']) && { sub: bounded(act['sub']) }),
    });
  return actors.length === 0 ? undefined : actors;
}

/**
 * Where a request came from. Of its session it tells a hash: the id itself is a secret.
 * @param address of the client; undefined but for HTTP
 */
export function sourceOf(sender: Sender, address: string | undefined, caller: Caller | undefined): Source {
  const extra = {
    ...textHeader(sender, 'x-request-id', 'request_id'),
    ...textHeader(sender, 'user-agent', 'user_agent'),
    ...(caller?.hasSession === true && { session_hash: hashOf(caller.sessionId) }),
  };
  if (sender.transport !== 'http') return { type: 'local', value: sender.transport, extra };
  return { type: 'network', value: address ?? 'unknown', extra };
}

export function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex').slice(0, 16);
}

function textHeader({ headers }: Sender, name: string, key: string): Record<string, string> {
  const value = headers[name];
  return isText(value) ? { [key]: value.slice(0, 256) } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
