import { createHash, randomBytes } from 'node:crypto';
import {
  AbandonedError,
  errorCodes,
  type JsonObject,
  type JsonValue,
  ProtocolError,
} from '../../../protocol/index.ts';
import type { Principal } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import type { ModernExchange } from './stateless-exchange.ts';

/** Who somebody is. */
export type PrincipalName = Pick<Principal, 'issuer' | 'subject'>;

interface Parked {
  readonly exchange: ModernExchange;
  readonly digest: string;
  readonly expiresMs: number;
}

/** How every `requestState` of the gateway's own begins; others are a backend's and pass through. */
const ownPrefix = 'vmcp1.';

/** True when this `requestState` was made here, so that it is not to be passed on. */
export function isOwnRequestState(state: unknown): state is string {
  return typeof state === 'string' && state.startsWith(ownPrefix);
}

/**
 * Running calls whose client was asked for input and has not come back. A token is unguessable, works once, and only
 * for the principal and the request that it was given for.
 */
export class Parks {
  readonly #parked = new Map<string, Parked>();
  readonly #max: number;
  readonly #ttlMs: number;
  /** Ends each token, where other replicas must be able to tell whose it is. */
  tag: string | undefined;

  constructor(max: number, ttlMs: number) {
    this.#max = max;
    this.#ttlMs = ttlMs;
  }

  get size(): number {
    return this.#parked.size;
  }

  /** @throws {ProtocolError} when too many calls wait already. */
  add(exchange: ModernExchange, nowMs: number): string {
    if (this.#parked.size >= this.#max) {
      throw new ProtocolError(
        errorCodes.internalError,
        `the client cannot be asked: ${this.#max} calls wait for input already`,
      );
    }
    const name = ownPrefix + randomBytes(24).toString('base64url');
    const token = this.tag === undefined ? name : `${name}.${this.tag}`;
    const digest = digestOf(exchange.caller.principal, exchange.method, exchange.params);
    this.#parked.set(token, { exchange, digest, expiresMs: nowMs + this.#ttlMs });
    return token;
  }

  /** The call that a retry resumes; undefined when the token is unknown, used, expired, or another request's. */
  take(
    token: string,
    principal: PrincipalName,
    method: string,
    params: JsonObject,
    nowMs: number,
  ): ModernExchange | undefined {
    const parked = this.#parked.get(token);
    if (parked === undefined || parked.expiresMs <= nowMs) return undefined;
    if (parked.digest !== digestOf(principal, method, params)) return undefined;
    this.#parked.delete(token);
    return parked.exchange;
  }

  /** Gives up the calls whose client is overdue. */
  sweep(nowMs: number): void {
    for (const [token, parked] of this.#parked) {
      if (parked.expiresMs > nowMs) return;
      this.#parked.delete(token);
      parked.exchange.cancel(new AbandonedError());
    }
  }

  close(): void {
    this.sweep(Infinity);
  }
}

/** Tells one request of one principal from another: everything but what a retry changes. */
function digestOf(principal: PrincipalName, method: string, params: JsonObject): string {
  const salient = { ...params };
  for (const changing of ['_meta', 'inputResponses', 'requestState']) delete salient[changing];
  return createHash('sha256')
    .update(JSON.stringify([principal.issuer, principal.subject, method, sorted(salient)]))
    .digest('base64');
}

/** The same value with the keys of its objects in one order, since a client may rebuild what it sends again. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return keys.map((key) => [key, sorted(value[key] ?? null)]);
}
