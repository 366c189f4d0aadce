import type { IncomingHttpHeaders } from 'node:http';
import { noClient, type Caller, type Gateway } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { decodeHeaderValue } from '../../wire/header-values.ts';
import type { ParamHeader } from '../../wire/param-headers.ts';
import { paramHeaderText, paramHeadersOf } from '../../wire/param-headers.ts';

/** How long a list may take that is read for its schemas. */
const listMs = 30_000;

const none: readonly ParamHeader[] = [];

/** Holds `Mcp-Param-*` headers against the arguments that they mirror. Remembers which tool mirrors what. */
export class ParamChecks {
  readonly #byTool = new Map<string, readonly ParamHeader[]>();

  /** To be called when tools changed. */
  forget(): void {
    this.#byTool.clear();
  }

  /**
   * The parameters that a tool mirrors: at once for a tool that was called before. An unknown tool mirrors none, and is
   * the gateway's to refuse.
   */
  of(
    gateway: Gateway,
    caller: Caller,
    name: unknown,
  ): readonly ParamHeader[] | Promise<readonly ParamHeader[]> {
    if (typeof name !== 'string') return none;
    return this.#byTool.get(name) ?? this.#learn(gateway, caller, name);
  }

  async #learn(gateway: Gateway, caller: Caller, name: string): Promise<readonly ParamHeader[]> {
    const tools = await gateway.ask({
      origin: 'gateway',
      method: 'tools/list',
      caller,
      client: noClient,
      signal: AbortSignal.timeout(listMs),
    });
    const schema = tools.find((tool) => tool.name === name)?.inputSchema;
    if (schema === undefined) return none;
    const headers = paramHeadersOf(schema);
    const learnt = headers === 'invalid' ? none : headers;
    this.#byTool.set(name, learnt);
    return learnt;
  }
}

/**
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-behavior-for-custom-headers
 * @throws {ProtocolError} header mismatch, when a header is missing, malformed, or says something else.
 */
export function assertParamHeaders(
  mirrored: readonly ParamHeader[],
  params: JsonObject | undefined,
  headers: IncomingHttpHeaders,
): void {
  for (const { header, path, type } of mirrored) {
    const expected = paramHeaderText(params?.['arguments'], path);
    if (expected === undefined) continue;
    const raw = headers[header];
    if (raw === undefined) throw mismatch(header, 'is missing');
    const found = decodeHeaderValue(String(raw));
    if (found === undefined) throw mismatch(header, 'is neither plain ASCII nor valid Base64 of UTF-8');
    if (!isSame(found, expected, type)) throw mismatch(header, 'differs');
  }
}

/** Integers are the same however they are written. */
function isSame(found: string, expected: string, type: ParamHeader['type']): boolean {
  if (found === expected) return true;
  return type === 'integer' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(found) && Number(found) === Number(expected);
}

function mismatch(header: string, fault: string): ProtocolError {
  return new ProtocolError(
    errorCodes.headerMismatch,
    `expected the header ${header} to say the same as the argument that it mirrors; it ${fault}`,
  );
}
