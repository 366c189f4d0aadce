/** What discovery asks of the API server, apart from how it is reached. */

/** A watch's event, as the API server tells it. */
export interface WatchEvent {
  readonly type: string;
  readonly object: ApiObject;
}

/** An object of the API, as far as all of them are alike. */
export interface ApiObject {
  readonly code?: number;
  readonly message?: string;
  readonly metadata?: ObjectMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ObjectMetadata {
  readonly name?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ApiList {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly ApiObject[];
}

/** A change that is sent. */
export interface ApiChange {
  readonly method: 'PATCH' | 'POST' | 'PUT';
  readonly path: string;
  readonly contentType: string;
  readonly body: object;
}

export interface KubernetesApi {
  /** @throws ApiError where the server refuses; another Error where it was not reached */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Opens a watch.
   * @returns once the server has accepted it; events end when the server ends the watch, and throw when it is lost
   */
  watch(path: string, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>>;
  /** @throws as `get` */
  send(change: ApiChange, signal: AbortSignal): Promise<unknown>;
}

/** The API server's own refusal. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** The resource version is too old: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.status === 504);
}

/** The resource, or its kind, does not exist. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}
