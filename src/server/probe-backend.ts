/** Connects one backend by itself and looks at what it offers: for whoever wants to know why it does not work. */
import type { BackendConfig } from '../config/index.ts';
import { BackendError, type BackendErrorCode } from '../gateway/index.ts';
import { startLimitMs, toCredential, toTarget } from './generation.ts';
import { createBackendClient, type RunningChildren } from '../mcp/client/index.ts';
import { ProtocolError } from '../protocol/index.ts';
import { KnownSecrets } from '../lib/known-secrets.ts';
import { messageOf } from '../lib/thrown.ts';

export interface ProbeOptions {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The processes that are started are entered here while they run. */
  readonly children: RunningChildren;
}

export interface BackendProbe {
  /** Until the protocol's revision was agreed; absent when that failed. */
  readonly connected?: { readonly ms: number; readonly revision: string; readonly server: string };
  /** Absent when it could not be connected, or did not list its tools. */
  readonly listed?: { readonly ms: number; readonly tools: number };
  readonly error?: { readonly code: BackendErrorCode | 'protocol' | 'unknown'; readonly message: string };
  /** The last lines that its process wrote to stderr, and what else was odd about what it said. */
  readonly lastWords: readonly string[];
}

const lastWordsKept = 3;

/** Never rejects; ends the connection and the process whatever happens. */
export async function probeBackend(backend: BackendConfig, options: ProbeOptions): Promise<BackendProbe> {
  const { version, environment, signal, children } = options;
  const lastWords = new Set<string>();
  const { metadata: _, connection: _connection, ...target } = backend;
  let probe: Omit<BackendProbe, 'lastWords'> = {};
  try {
    const credential = toCredential(target, { secrets: new KnownSecrets(), environment });
    const client = createBackendClient(toTarget(target), {
      clientInfo: { name: 'vmcp', version },
      environment,
      children,
      ...(credential && { credential }),
      handshakeTimeoutMs: startLimitMs(backend),
      onLog: ({ source, level, message }) => {
        if (source === 'stderr' || level === 'warn') lastWords.add(message);
      },
    });
    try {
      let startMs = performance.now();
      const { revision, serverInfo } = await client.connect(signal);
      const server = [serverInfo?.['name'], serverInfo?.['version']]
        .filter((part) => typeof part === 'string')
        .join(' ');
      probe = { connected: { ms: performance.now() - startMs, revision, server } };
      startMs = performance.now();
      const tools = await client.list('tools', signal);
      probe = { ...probe, listed: { ms: performance.now() - startMs, tools: tools.length } };
    } finally {
      await client.close();
    }
  } catch (error) {
    probe = { ...probe, error: toFault(error) };
  }
  return { ...probe, lastWords: [...lastWords].slice(-lastWordsKept) };
}

function toFault(error: unknown): NonNullable<BackendProbe['error']> {
  if (error instanceof BackendError) return { code: error.code, message: error.reason };
  if (error instanceof Error && error.name === 'TimeoutError')
    return { code: 'timeout', message: 'did not answer in time' };
  return { code: error instanceof ProtocolError ? 'protocol' : 'unknown', message: messageOf(error) };
}
