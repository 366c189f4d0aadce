/** Turns what happens into events, and events into lines of the audit log. */
import { randomUUID } from 'node:crypto';
import type { Occurrence, Principal, Request, Result, Sender, Trail } from '../../gateway/index.ts';
import type { JsonValue } from '../../protocol/index.ts';
import type { AddressSource } from '../../lib/client-address.ts';
import type { Redact } from '../../lib/redact.ts';
import type { AuditLog } from './audit-log.ts';
import type { AuditOptions } from './declaration.ts';
import {
  delegationOf,
  hashOf,
  sourceOf,
  subjectsOf,
  toLine,
  type EventFields,
  type Source,
} from './event.ts';
import type { EventType } from './event-types.ts';
import { outcomeOfCode, outcomeOfStatus, type Outcome } from './outcome.ts';
import { recordedData } from './recorded-data.ts';
import { bounded, edgeEventType, eventTypeOf, paramsOf, targetOf } from './targets.ts';

export interface JournalOptions extends AuditOptions {
  readonly log: Pick<AuditLog, 'offer' | 'put'>;
  readonly redact: Redact;
  readonly addressOf: (source: AddressSource) => string | undefined;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

/** The record of a request that is under way. */
export interface OpenRecord {
  /** To go along with the request. */
  readonly trail: Trail;
  /**
   * Writes that the request begins.
   * @throws when that could not be written
   */
  started(): Promise<void>;
  /** Writes how it ended. Never throws, never waits. */
  ended(outcome: Outcome, durationMs: number, result?: Result): void;
}

const mcpEndpoint = '/mcp';

/** How long a request may wait to be recorded before it is refused. */
const startedMs = 5_000;

export class Journal {
  readonly #options: JournalOptions;
  readonly #wallClock: () => number;
  readonly #isRecorded: (type: EventType) => boolean;
  /** Where the calls came from that have inner calls. */
  readonly #sources = new WeakMap<Trail, Source>();

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? Date.now;
    const { eventTypes: included, excludeEventTypes: excluded } = options;
    this.#isRecorded = (type) =>
      !excluded.includes(type) && (included.length === 0 || included.includes(type));
  }

  get detects(): boolean {
    return this.#options.detectApplicationErrors;
  }

  /**
   * Opens the record of a request.
   * @returns undefined for one that is not recorded: its type is left out, or no client and no script asked for it
   */
  open(request: Request): OpenRecord | undefined {
    const { sender, within, caller } = request;
    if (sender === undefined && within === undefined) return undefined;
    const type = eventTypeOf(request);
    if (!this.#isRecorded(type)) return undefined;
    const trail: Trail = { id: randomUUID() };
    const source =
      sender === undefined
        ? ((within && this.#sources.get(within)) ?? { type: 'local', value: 'process' })
        : sourceOf(sender, this.#options.addressOf(sender), caller);
    this.#sources.set(trail, source);
    const asked = this.#data(this.#options.includeRequestData, paramsOf(request));
    const fields = {
      id: trail.id,
      type,
      parent: within?.id,
      source,
      ...this.#who(caller.principal, caller.clientInfo),
      target: { ...(sender?.transport === 'http' && { endpoint: mcpEndpoint }), ...targetOf(request) },
      revision: caller.revision,
      ...(sender !== undefined && { transport: sender.transport }),
    };
    return {
      trail,
      started: async () => {
        const data = asked === undefined ? {} : { data: { request: asked } };
        await this.#options.log.put(this.#line({ ...fields, ...data, outcome: 'started' }), startedMs);
      },
      ended: ({ outcome, ...details }, durationMs, result) => {
        const answered = this.#data(this.#options.includeResponseData, result);
        const data = {
          ...(asked !== undefined && { request: asked }),
          ...(answered !== undefined && { response: answered }),
        };
        const { backend, scriptHash, approval } = trail;
        const whole = { ...fields, outcome, details, durationMs, backend, scriptHash, approval };
        this.#record(Object.keys(data).length === 0 ? whole : { ...whole, data });
      },
    };
  }

  /** Records what happened beside the funnel. */
  occurred(occurrence: Occurrence): void {
    const event = this.#eventOf(occurrence);
    if (this.#isRecorded(event.type)) this.#record({ id: randomUUID(), ...event });
  }

  #eventOf(occurrence: Occurrence): Omit<EventFields, 'id'> {
    switch (occurrence.kind) {
      case 'request':
      case 'notification': {
        const { method, caller, sender } = occurrence;
        const answered = occurrence.kind === 'request' ? occurrence : { durationMs: 0 };
        const code = 'errorCode' in answered ? answered.errorCode : undefined;
        const { outcome, ...details } = outcomeOfCode(code, this.detects);
        return {
          type: edgeEventType(method),
          outcome,
          details,
          ...this.#who(caller.principal, caller.clientInfo),
          ...this.#from(sender, occurrence),
          target: { ...endpointOf(sender), method: bounded(method), type: 'server' },
          revision: caller.revision,
          durationMs: answered.durationMs,
        };
      }
      case 'http': {
        const { httpMethod, status, sender, principal, durationMs } = occurrence;
        return {
          type: httpMethod === 'GET' && status < 300 ? 'sse_connection' : 'http_request',
          ...outcomeOfStatus(status),
          ...(principal === undefined ? { subjects: {} } : this.#who(principal)),
          ...this.#from(sender, {}),
          target: { endpoint: mcpEndpoint, method: httpMethod, type: 'server' },
          status,
          durationMs,
        };
      }
      case 'session ended': {
        const { principal, clientInfo, sessionId, revision } = occurrence.caller;
        const source = { type: 'local', value: 'vmcp', extra: { session_hash: hashOf(sessionId) } } as const;
        const target = { method: 'session', type: 'server' } as const;
        const who = this.#who(principal, clientInfo);
        return { type: 'mcp_session_ended', outcome: 'success', ...who, source, target, revision };
      }
      case 'reload':
        return {
          type: 'config_reload',
          outcome: occurrence.inForce ? 'success' : 'failure',
          subjects: { user: 'operator' },
          source: { type: 'local', value: 'vmcp' },
          target: { method: 'reload', type: 'server' },
        };
    }
  }

  #from(
    sender: Sender,
    { caller }: { readonly caller?: Parameters<typeof sourceOf>[2] },
  ): Pick<EventFields, 'source' | 'transport'> {
    const source = sourceOf(sender, this.#options.addressOf(sender), caller);
    return { source, transport: sender.transport };
  }

  #who(
    principal: Principal,
    clientInfo?: Parameters<typeof subjectsOf>[1],
  ): Pick<EventFields, 'subjects' | 'delegation'> {
    const delegation = delegationOf(principal, this.#options.maxDelegationDepth);
    return { subjects: subjectsOf(principal, clientInfo), ...(delegation && { delegation }) };
  }

  #data(isIncluded: boolean, value: Result | undefined): JsonValue | undefined {
    if (!isIncluded || value === undefined) return undefined;
    return recordedData(value as JsonValue, this.#options.maxDataSize, this.#options.redact);
  }

  #record(event: EventFields): void {
    this.#options.log.offer(this.#line(event));
  }

  #line(event: EventFields): string {
    return this.#options.redact(toLine(event, this.#options.component, this.#wallClock()));
  }
}

function endpointOf({ transport }: Sender): { endpoint?: string } {
  return transport === 'http' ? { endpoint: mcpEndpoint } : {};
}
