/**
 * What a record of a request needs to know beside the request: who sent it, by what way, and what became of it. And what
 * happens at the edge and is no request of the funnel.
 */
import type { Caller } from './caller.ts';
import type { Principal } from './principal.ts';

/** How a client's request came. Present on what a client asked for, absent on what the gateway asks on its own. */
export interface Sender {
  /** `process`: a call of the program that the server is a part of. */
  readonly transport: 'http' | 'stdio' | 'process';
  /** HTTP headers, lower-cased names; empty elsewhere. What they say of the client's address is not checked. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The other end of the connection: the client, or a proxy in front of it. Absent elsewhere. */
  readonly remoteAddress?: string | undefined;
}

/** What is noted of a request on its way, for its record. Written on its way, as `Ran` is. */
export interface Trail {
  /** Of the record; those of inner calls name it as their parent. */
  readonly id: string;
  /** The backend that the request was handed to, by its name in the configuration. */
  backend?: string;
  /** What identifies the text of a script, where the request runs one. */
  scriptHash?: string;
  /** What a person was asked before it was made, and what became of that. */
  approval?: { readonly question: string; readonly answer: string };
}

/** What happens at the edge and never passes the funnel, and what the operator does. */
export type Occurrence =
  /** A request that was answered where the client is: `initialize`, `ping`, an unknown method, a retry whose call is lost. */
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly caller: Caller;
      readonly sender: Sender;
      readonly durationMs: number;
      /** The JSON-RPC error code of the answer; absent for a result. */
      readonly errorCode?: number;
    }
  /** A notification of a client. */
  | {
      readonly kind: 'notification';
      readonly method: string;
      readonly caller: Caller;
      readonly sender: Sender;
    }
  /** An HTTP request that was refused before it was a request of the protocol, or that opened a stream. */
  | {
      readonly kind: 'http';
      readonly httpMethod: string;
      readonly status: number;
      readonly sender: Sender;
      /** Absent where the request was refused because it is not known who sends it. */
      readonly principal?: Principal;
      readonly durationMs: number;
    }
  /** The end of a session, by its client, by its age, or with the server. Its start is the request `initialize`. */
  | { readonly kind: 'session ended'; readonly caller: Caller }
  /** A changed configuration was put in force, or refused. */
  | { readonly kind: 'reload'; readonly inForce: boolean };

/** Takes note of an occurrence. Never throws, never waits. */
export type OnOccurrence = (occurrence: Occurrence) => void;
