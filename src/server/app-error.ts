/** A sound configuration that cannot be served as asked, or tools that cannot be used as asked. */
export class AppError extends Error {
  readonly code:
    | 'needs_incoming_auth'
    | 'cannot_listen'
    | 'cannot_read_file'
    | 'cannot_prepare'
    | 'unreachable'
    | 'call_failed'
    | 'login_failed';
  constructor(code: AppError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}
