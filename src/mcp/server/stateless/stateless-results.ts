import { errorCodes, methodEntry, type JsonObject, type JsonValue } from '../../../protocol/index.ts';
import { joinPieces, withoutFirst } from '../../../lib/text-pieces.ts';
import type { RpcErrorBody } from '../../wire/jsonrpc.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { metaKeys } from '../../wire/revisions.ts';
import {
  anonymous,
  isSamePrincipal,
  writtenResult,
  writtenText,
  type Principal,
} from '../../../gateway/index.ts';

/**
 * Hints for what the gateway itself puts together: lists depend on the caller and change with any backend, so they are
 * stale at once unless the client listens for changes.
 */
export const noCaching = { ttlMs: 0, cacheScope: 'private' } as const;

/**
 * A result as 2026-07-28 wants it: with its type, caching hints and the server's name; what is there stays. A backend may
 * say that a result is for everyone, which it cannot know of callers who prove who they are: theirs are private.
 */
export function dressResult(
  method: string,
  result: JsonObject,
  serverInfo: JsonObject,
  principal: Principal = anonymous,
): JsonObject {
  const cacheable = methodEntry(method)?.cacheable === true;
  const text = writtenText(result);
  if (text !== undefined && !('_meta' in result) && !('resultType' in result) && !cacheable) {
    const dress = JSON.stringify({ resultType: 'complete', _meta: dressMeta(undefined, serverInfo) });
    const fields = ['resultType', '_meta', ...Object.keys(result)];
    return writtenResult(joinPieces(`${dress.slice(0, -1)},`, withoutFirst(text)), fields);
  }
  const dressed: JsonObject = { ...result, _meta: dressMeta(result['_meta'], serverInfo) };
  dressed['resultType'] ??= 'complete';
  if (cacheable && dressed['resultType'] === 'complete') {
    dressed['ttlMs'] ??= noCaching.ttlMs;
    dressed['cacheScope'] ??= noCaching.cacheScope;
    if (!isSamePrincipal(principal, anonymous)) dressed['cacheScope'] = 'private';
  }
  return dressed;
}

function dressMeta(meta: JsonValue | undefined, serverInfo: JsonObject): JsonObject {
  return isObject(meta)
    ? { [metaKeys.serverInfo]: serverInfo, ...meta }
    : { [metaKeys.serverInfo]: serverInfo };
}

/** An error as 2026-07-28 has it: two codes of older revisions must not be sent. */
export function dressError(error: RpcErrorBody): RpcErrorBody {
  switch (error.code) {
    case errorCodes.resourceNotFound:
      return { ...error, code: errorCodes.invalidParams };
    case errorCodes.urlElicitationRequired:
      return { ...error, code: errorCodes.internalError };
    default:
      return error;
  }
}

/** The HTTP status that an error answer of a served request has; most are answers like any other. */
export function statusOf(method: string, code: number): number {
  if (code === errorCodes.missingRequiredClientCapability) return 400;
  return code === errorCodes.methodNotFound && method !== 'tools/call' ? 404 : 200;
}
