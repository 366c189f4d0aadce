import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { encodeHeaderValue } from '../../wire/header-values.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import type { ParamHeader } from '../../wire/param-headers.ts';
import { paramHeadersOf, paramHeaderText } from '../../wire/param-headers.ts';

/** Which arguments of which tool go into HTTP headers, as the backend's list of tools says. */
export class ParamHeaderTable {
  #byTool: ReadonlyMap<string, readonly ParamHeader[]> = new Map();
  #rejected: ReadonlySet<string> = new Set();

  /**
   * Reads a list of tools anew. Returns the tools that may be offered: a tool with a faulty declaration may not.
   * @param onRejected told the name of each that is left out, and was not when the list was last read.
   */
  read(tools: readonly JsonValue[], onRejected: (name: string) => void): JsonValue[] {
    const byTool = new Map<string, readonly ParamHeader[]>();
    const rejected = new Set<string>();
    const sound = tools.filter((tool) => {
      const { name, inputSchema } = isObject(tool) ? tool : {};
      if (typeof name !== 'string' || !isObject(inputSchema)) return true;
      const headers = paramHeadersOf(inputSchema);
      if (headers === 'invalid') {
        rejected.add(name);
        if (!this.#rejected.has(name)) onRejected(name);
        return false;
      }
      if (headers.length > 0) byTool.set(name, headers);
      return true;
    });
    this.#byTool = byTool;
    this.#rejected = rejected;
    return sound;
  }

  /** The headers of one call; undefined for the many tools that have none. */
  headersFor(params: JsonObject): Record<string, string> | undefined {
    const { name } = params;
    const declared = typeof name === 'string' ? this.#byTool.get(name) : undefined;
    if (declared === undefined) return undefined;
    const headers: Record<string, string> = {};
    for (const { header, path } of declared) {
      const text = paramHeaderText(params['arguments'], path);
      if (text !== undefined) headers[header] = encodeHeaderValue(text);
    }
    return headers;
  }
}
