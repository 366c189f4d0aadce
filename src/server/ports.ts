/** Where the server listens, and why it may not or cannot. */
import { AppError } from './app-error.ts';
import type { TelemetryConfig } from '../config/index.ts';
import type { Config } from './config.ts';
import { createListener, isLoopback, type Handler, type Listener, type Route } from '../http/index.ts';
import type { OnDefect } from '../lib/guarded.ts';
import { codeOf, messageOf } from '../lib/thrown.ts';

export interface Address {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins?: readonly string[];
}

/**
 * Beyond loopback other machines reach the server: the configuration has to say who may call.
 * @throws AppError
 */
export function assertMayListen({ incomingAuth }: Pick<Config, 'incomingAuth'>, host: string): void {
  if (isLoopback(host)) return;
  if (incomingAuth?.types.includes('local')) {
    throw new AppError(
      'needs_incoming_auth',
      `"incomingAuth.type: local" takes every caller for the user who runs this server, so it cannot listen on ${host}: ` +
        'listen on 127.0.0.1, or choose another type, such as "apiKeys"',
    );
  }
  if (incomingAuth !== undefined) return;
  throw new AppError(
    'needs_incoming_auth',
    `listening on ${host} lets others in, and the configuration does not say who may call: ` +
      'add "incomingAuth" (such as "type: anonymous"), or listen on 127.0.0.1',
  );
}

export interface ListenOptions {
  /** What chooses the port, as it reads in an error. */
  readonly setting?: string;
  readonly onDefect: OnDefect;
  /** Routes that come and go with the configuration. */
  readonly moreRoutes?: (path: string) => Handler | undefined;
}

/** @throws AppError when the address cannot be bound */
export async function listen(
  address: Address,
  routes: readonly Route[],
  { setting = '--port (0 picks a free one)', moreRoutes, onDefect }: ListenOptions,
): Promise<Listener> {
  try {
    return await createListener({ ...address, routes, onDefect, ...(moreRoutes && { moreRoutes }) });
  } catch (error) {
    throw new AppError('cannot_listen', whyNot(error, address, setting), { cause: error });
  }
}

/** A port that is bound and not yet in force. */
export interface PreparedPort {
  /** Puts it in force. Cannot fail. */
  commit(): void;
  /** Gives it up, where the rest of its configuration could not be prepared. */
  drop(): Promise<void>;
  /** After `commit`: closes the one before it. */
  retire(): Promise<void>;
}

/** A port of its own for `/metrics`, where the configuration asks for one. It follows the configuration. */
export class MetricsPort {
  readonly #address: Omit<Address, 'port'>;
  readonly #handler: Handler;
  readonly #onDefect: OnDefect;
  #port: number | undefined;
  #listener: Listener | undefined;

  constructor(address: Omit<Address, 'port'>, handler: Handler, onDefect: OnDefect) {
    this.#address = address;
    this.#handler = handler;
    this.#onDefect = onDefect;
  }

  /**
   * Binds the port that a configuration asks for, where that is another one.
   * @throws AppError when it cannot be bound; the one before it goes on then
   */
  async prepare({ prometheusPort, enablePrometheusMetricsPath }: TelemetryConfig): Promise<PreparedPort> {
    const port = enablePrometheusMetricsPath ? prometheusPort : undefined;
    if (port === this.#port)
      return { commit: () => undefined, drop: async () => undefined, retire: async () => undefined };
    const route = { path: '/metrics', handler: this.#handler, hostCheck: 'on-loopback' } as const;
    const address = port === undefined ? undefined : { ...this.#address, port };
    const options = { setting: 'telemetry.prometheusPort', onDefect: this.#onDefect };
    const next = address && (await listen(address, [route], options));
    const before = this.#listener;
    return {
      commit: () => {
        this.#listener = next;
        this.#port = port;
      },
      drop: async () => next?.close(),
      retire: async () => before?.close(),
    };
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }
}

function whyNot(error: unknown, { host, port }: Address, setting: string): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken; choose another with ${setting}`;
  if (code === 'EACCES') return `port ${port} on ${host} needs more rights than this process has`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${host}`;
  return `cannot listen on ${host}:${port}: ${messageOf(error)}`;
}
