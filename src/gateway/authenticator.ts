import type { Principal } from './principal.ts';

/** What an authenticator sees of an HTTP request: everything but its body. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Lower-cased names, as Node gives them: of a header sent twice it may show one alone. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as sent: where a header that was sent twice shows. */
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** How a request is refused before it is anything else. It is no tool call, whatever its body says. */
export interface AuthenticationRefusal {
  /** 400, 401, 403 or 503. */
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON body; a JSON-RPC error with the message where there is none. */
  readonly body?: object;
}

/** Who is calling, or how to refuse the request. */
export type Authentication = { readonly principal: Principal } | { readonly refusal: AuthenticationRefusal };

/** Finds out who is calling. One belongs to each configuration. */
export interface Authenticator {
  /** Asked for each HTTP request, before its body is read. Never rejects. */
  authenticate(request: RequestHead): Authentication | Promise<Authentication>;
  /**
   * Who the client on stdin and stdout is.
   * @param token the value of `VMCP_TOKEN`
   * @throws with words for the operator when there is no such principal: the server does not start then
   */
  authenticateStdio(token: string | undefined): Principal | Promise<Principal>;
  /** True where a caller must be known to see names of backends at `/status`. */
  readonly statusRequiresAuth: boolean;
}
