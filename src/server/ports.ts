/** Where the server listens, and why it may not or cannot. */
import { AppError } from './app-error.ts';
import type { Config, TelemetryConfig } from '../config/index.ts';
import { createListener, isLoopback, type Handler, type Listener, type Route } from '../http/index.ts';

export interface Address {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
}

/**
 * Beyond loopback anybody may come by; that must be somebody's decision, not a default.
 * @throws AppError
 */
export function assertMayListen({ incomingAuth }: Config, host: string): void {
  if (isLoopback(host) || incomingAuth !== undefined) return;
  throw new AppError(
    'needs_incoming_auth',
    `listening on ${host} lets others in, and the configuration does not say who may call: ` +
      'add "incomingAuth" (such as "type: anonymous"), or listen on 127.0.0.1',
  );
}

/**
 * @param setting what chooses the port, as it reads in an error
 * @throws AppError when the address cannot be bound
 */
export async function listen(
  address: Address,
  routes: readonly Route[],
  setting = '--port (0 picks a free one)',
): Promise<Listener> {
  try {
    return await createListener({ ...address, routes });
  } catch (error) {
    throw new AppError('cannot_listen', whyNot(error, address, setting), { cause: error });
  }
}

/** A port of its own for `/metrics`, where the configuration asks for one. It follows the configuration. */
export class MetricsPort {
  readonly #address: Omit<Address, 'port'>;
  readonly #handler: Handler;
  #port: number | undefined;
  #listener: Listener | undefined;

  constructor(address: Omit<Address, 'port'>, handler: Handler) {
    this.#address = address;
    this.#handler = handler;
  }

  /** @throws AppError when the port cannot be bound; the one before it goes on then */
  async follow({ prometheusPort, enablePrometheusMetricsPath }: TelemetryConfig): Promise<void> {
    const port = enablePrometheusMetricsPath ? prometheusPort : undefined;
    if (port === this.#port) return;
    const route = { path: '/metrics', handler: this.#handler, anyHost: true };
    const address = port === undefined ? undefined : { ...this.#address, port };
    const next = address && (await listen(address, [route], 'telemetry.prometheusPort'));
    await this.#listener?.close();
    this.#listener = next;
    this.#port = port;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }
}

function whyNot(error: unknown, { host, port }: Address, setting: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken; choose another with ${setting}`;
  if (code === 'EACCES') return `port ${port} on ${host} needs more rights than this process has`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${host}`;
  return `cannot listen on ${host}:${port}: ${message}`;
}
