import type { JsonObject } from '../../protocol/index.ts';
import { isObject } from './jsonrpc.ts';

/**
 * The capability that a client must have declared to be asked this, in the shape of `ClientCapabilities`, when it did
 * not declare it; undefined when it may be asked.
 */
export function missingCapability(
  declared: JsonObject,
  method: string,
  params: JsonObject,
): JsonObject | undefined {
  switch (method) {
    case 'elicitation/create':
      return missingElicitation(declared['elicitation'], params['mode']);
    case 'sampling/createMessage':
      return missingSampling(declared['sampling'], params);
    case 'roots/list':
      return isObject(declared['roots']) ? undefined : { roots: {} };
    default:
      return method.startsWith('tasks/') && !isObject(declared['tasks']) ? { tasks: {} } : undefined;
  }
}

/** A client that names no mode takes forms alone. */
function missingElicitation(declared: unknown, mode: unknown): JsonObject | undefined {
  const wanted = mode === 'url' ? 'url' : 'form';
  if (!isObject(declared)) return { elicitation: { [wanted]: {} } };
  const takes = wanted === 'form' && declared['url'] === undefined ? true : isObject(declared[wanted]);
  return takes ? undefined : { elicitation: { [wanted]: {} } };
}

function missingSampling(declared: unknown, params: JsonObject): JsonObject | undefined {
  if (!isObject(declared)) return { sampling: {} };
  const wantsTools = params['tools'] !== undefined || params['toolChoice'] !== undefined;
  return wantsTools && !isObject(declared['tools']) ? { sampling: { tools: {} } } : undefined;
}
