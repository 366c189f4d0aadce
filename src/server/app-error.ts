/** A sound configuration that cannot be served as asked. */
export class AppError extends Error {
  readonly code: 'needs_incoming_auth' | 'cannot_listen' | 'cannot_read_file' | 'cannot_prepare';
  constructor(code: AppError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}
