import type { BackendClientEvent } from '../../../gateway/index.ts';
import { BackendError } from '../../../gateway/index.ts';
import { modernRevision } from '../../wire/revisions.ts';
import { Connection } from './connection.ts';
import type { ConnectionSpec } from './connection-set.ts';
import type { Origin } from '../transport/http/http-origin.ts';
import { createOrigin } from '../transport/http/http-origin.ts';
import { LegacySseTransport } from '../transport/sse/legacy-sse.ts';
import type { BackendTarget, Settings } from './options.ts';
import { StdioTransport } from '../transport/stdio/stdio.ts';
import { StreamableHttpTransport } from '../transport/http/streamable-http.ts';
import type { Transport } from '../transport/transport.ts';

/** Opens connections to one backend, and remembers between them what can be known only by asking. */
export class ConnectionFactory {
  readonly #target: BackendTarget;
  readonly #settings: Settings;
  readonly #onEvent: (event: BackendClientEvent) => void;
  #origin: Origin | undefined;
  /** What the last handshake found; spares the next one its question. */
  #era: 'modern' | 'legacy' | undefined;

  constructor(target: BackendTarget, settings: Settings, onEvent: (event: BackendClientEvent) => void) {
    this.#target = target;
    this.#settings = settings;
    this.#onEvent = onEvent;
    if (target.transport === 'sse') this.#era = 'legacy';
  }

  /** Makes a connection that is open, or throws what kept it from being so. */
  async open(spec: ConnectionSpec, signal: AbortSignal): Promise<Connection> {
    try {
      return await this.#tryOpen(spec, signal);
    } catch (error) {
      if (!this.#diedAtTheQuestion(error) || signal.aborted) throw error;
      this.#era = 'legacy';
      return this.#tryOpen(spec, signal);
    }
  }

  /** The next connection asks again which revision the backend speaks. */
  forgetEra(): void {
    if (this.#target.transport !== 'sse') this.#era = undefined;
  }

  async close(): Promise<void> {
    await this.#origin?.close();
  }

  async #tryOpen(spec: ConnectionSpec, signal: AbortSignal): Promise<Connection> {
    const { name, transport } = this.#target;
    const { clientInfo, probeTimeoutMs, handshakeTimeoutMs, fields, onLog, onDefect } = this.#settings;
    const connection = new Connection({
      ...spec,
      backend: name,
      transport: this.#createTransport(),
      clientInfo,
      probeTimeoutMs: transport === 'stdio' ? probeTimeoutMs : undefined,
      handshakeTimeoutMs,
      fields,
      onLog,
      onDefect,
      onEvent: (event) => this.#pass(event, spec),
    });
    try {
      const info = await connection.open(signal, this.#era);
      this.#era = info.revision === modernRevision ? 'modern' : 'legacy';
      return connection;
    } catch (error) {
      await connection.close();
      // Whatever was remembered may be what went wrong.
      if (this.#era !== undefined) this.forgetEra();
      throw error;
    }
  }

  /** What a borrowed connection says is no client session's: changes concern everybody, the rest nobody. */
  #pass(event: BackendClientEvent, { isBorrowed, onListChanged }: ConnectionSpec): void {
    if (isBorrowed !== true) this.#onEvent(event);
    else if (event.type === 'changed') {
      this.#onEvent({ type: 'changed', listing: event.listing });
      onListChanged?.(event.listing);
    } else if (event.type === 'resourceUpdated') this.#onEvent(event);
  }

  /** A process that ends at `server/discover` may be one that knows no other opening than `initialize`. */
  #diedAtTheQuestion(error: unknown): boolean {
    const wasAsked = this.#target.transport === 'stdio' && this.#era === undefined;
    return wasAsked && error instanceof BackendError && error.code === 'disconnected';
  }

  #createTransport(): Transport {
    const target = this.#target;
    const { limits, onLog, onDefect, environment, children, credential, sharedWays } = this.#settings;
    const common = { backend: target.name, limits, onLog, onDefect };
    if (target.transport === 'stdio')
      return new StdioTransport({ ...common, command: target, environment, children });
    this.#origin ??= createOrigin(target, { credential, onDefect, sharedWays });
    const options = { ...common, target, origin: this.#origin };
    return target.transport === 'sse'
      ? new LegacySseTransport(options)
      : new StreamableHttpTransport(options);
  }
}
