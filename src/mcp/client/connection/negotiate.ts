import type { BackendInfo } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { BackendError } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { isLegacyRevision, legacyRevisions, modernRevision } from '../../wire/revisions.ts';
import type { FieldLog } from '../../wire/field-log.ts';
import { HttpRefusal } from '../transport/http/http-refusal.ts';

/** Sends one request of the handshake and waits for its result, within the handshake's own limit. */
export type Ask = (
  method: string,
  params: JsonObject,
  options: { revision: string | undefined; timeoutMs?: number },
) => Promise<JsonObject>;

export interface HandshakeOptions {
  readonly backend: string;
  readonly clientInfo: JsonObject;
  readonly capabilities: JsonObject;
  readonly fields: FieldLog;
  /** How long to wait for the answer of a backend that may ignore what it does not know; undefined for no such limit. */
  readonly probeTimeoutMs: number | undefined;
}

/**
 * Tells whether the backend speaks the modern revision: it does when it answers `server/discover` as the specification
 * says. Returns undefined for a legacy backend, which must be greeted with `initialize`.
 * @throws BackendError when nothing can be concluded: no connection, no permission, a server fault.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#backward-compatibility-with-initialization-based-versions
 */
export async function discover(
  ask: Ask,
  params: JsonObject,
  options: HandshakeOptions,
): Promise<BackendInfo | undefined> {
  const limit = options.probeTimeoutMs === undefined ? {} : { timeoutMs: options.probeTimeoutMs };
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await ask('server/discover', params, { revision: modernRevision, ...limit });
      return toModernInfo(result, options);
    } catch (error) {
      if (attempt === 1 && namesModernRevision(error)) continue;
      if (isLegacySign(error, options)) return undefined;
      throw error;
    }
  }
}

/** A refusal that lists the very revision that was asked for: the backend means it to be tried again. */
function namesModernRevision(error: unknown): boolean {
  if (!(error instanceof ProtocolError) || error.code !== errorCodes.unsupportedProtocolVersion) return false;
  const supported = isObject(error.data) ? error.data['supported'] : undefined;
  return Array.isArray(supported) && supported.includes(modernRevision);
}

function toModernInfo(result: JsonObject, { fields }: HandshakeOptions): BackendInfo | undefined {
  const versions = result['supportedVersions'];
  if (!Array.isArray(versions) || !versions.includes(modernRevision)) return undefined;
  return toInfo(modernRevision, result, fields);
}

/**
 * Any answer but a clear "not now" is how a backend says that it does not know the modern way, and so is a connection
 * that ends at the question: a strict front may break it off. Whoever cannot be reached, or wants to know first who asks,
 * would answer `initialize` no better.
 */
function isLegacySign(error: unknown, options: HandshakeOptions): boolean {
  if (error instanceof ProtocolError) return true;
  if (error instanceof HttpRefusal)
    return error.status !== 401 && error.status !== 429 && error.status !== 503;
  if (!(error instanceof BackendError)) return false;
  // A pipe's silence is an answer too: older servers ignore what comes before `initialize`.
  if (error.code === 'bad-answer' || (error.code === 'disconnected' && options.probeTimeoutMs === undefined))
    return true;
  return error.code === 'timeout' && options.probeTimeoutMs !== undefined;
}

/**
 * Opens a legacy session. The caller sends `notifications/initialized` afterwards.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */
export async function initialize(ask: Ask, options: HandshakeOptions): Promise<BackendInfo> {
  const { backend, clientInfo, capabilities } = options;
  const requested = legacyRevisions[0];
  let result: JsonObject;
  try {
    result = await ask(
      'initialize',
      { protocolVersion: requested, capabilities, clientInfo },
      { revision: undefined },
    );
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new BackendError('handshake', backend, `refused the handshake: ${cause.message} (${cause.code})`, {
      mayHaveRun: false,
      cause,
    });
  }
  const revision = result['protocolVersion'];
  if (!isLegacyRevision(revision)) {
    const found = typeof revision === 'string' ? `"${revision.slice(0, 40)}"` : 'none';
    throw new BackendError(
      'handshake',
      backend,
      `answered the handshake with protocol revision ${found}; the gateway speaks ${[modernRevision, ...legacyRevisions].join(', ')}`,
      { mayHaveRun: false },
    );
  }
  return toInfo(revision, result, options.fields);
}

function toInfo(revision: string, result: JsonObject, fields: FieldLog): BackendInfo {
  const sound = fields.repair('handshake', 'initialize', result, () => 'answered the handshake with') ?? {};
  const { capabilities, instructions, serverInfo } = sound;
  return {
    revision,
    capabilities: isObject(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' && instructions !== '' ? { instructions } : {}),
    ...(isObject(serverInfo) ? { serverInfo } : {}),
  };
}
