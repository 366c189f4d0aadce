/** What can keep the report from being made. */
export type AdoptionErrorCode =
  /** Nothing answers at the address, or its certificate is not trusted. */
  | 'unreachable'
  /** 401 or 403. */
  | 'unauthorized'
  /** Something answers that does not want to, or is no Prometheus. */
  | 'refused'
  | 'timeout'
  /** No instance has ever reported the metrics. */
  | 'no-data'
  /** A file was given that is not what it should be. */
  | 'bad-file'
  /** What the user gave makes no sense: a URL, a window. */
  | 'bad-input';

/** One line for the user: what was expected, what was found, what to do. */
export class AdoptionError extends Error {
  readonly code: AdoptionErrorCode;
  constructor(code: AdoptionErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AdoptionError';
    this.code = code;
  }
}
