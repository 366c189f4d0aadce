/**
 * The messages that pass between clients and backends, by method and direction. What is never looked into:
 * `structuredContent`, `arguments`, the members of `_meta`, and texts that have not been read yet.
 */
import type { Misfit, Shape } from './shape.ts';
import { anything, boolean, integer, isPlain, isString, leaf, list, map, number } from './shape.ts';
import { object, oneOf, optional, record, required, string, text, variant } from './shape.ts';
import { content, icons, meta, resourceContents, role, sampled, schemaFields, share } from './parts.ts';
import { toolShape } from './entries.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const empty = (): JsonValue[] => [];

const result = { _meta: meta };

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const level = oneOf(levels, {
  trace: 'debug',
  warn: 'warning',
  err: 'error',
  fatal: 'critical',
  panic: 'emergency',
});

const maxValues = 100;
const values: Shape = {
  expected: `an array of at most ${maxValues} strings`,
  repair(value, misfits) {
    const found = list(text).repair(value, misfits);
    if (!Array.isArray(found) || found.length <= maxValues) return found;
    const done = `the first ${maxValues} count`;
    misfits.push({ path: '', expected: this.expected, found: `${found.length} of them`, done });
    return found.slice(0, maxValues);
  },
};

const implementation = record(
  {
    name: required(text, () => 'unknown'),
    version: required(text, () => 'unknown'),
    title: optional(string),
    description: optional(string),
    websiteUrl: optional(string),
    icons,
  },
  { mend: (value) => (isString(value) ? { name: value } : undefined) },
);

/** A capability is there or not; what it says more is about its details. */
function capability(fields: Parameters<typeof record>[0] = {}): ReturnType<typeof optional> {
  return optional(record(fields, { mend: (value) => (value === true ? {} : undefined) }));
}

const listChanged = { listChanged: optional(boolean) };
const named = optional(map(object));

const serverCapabilities = record({
  tools: capability(listChanged),
  prompts: capability(listChanged),
  resources: capability({ ...listChanged, subscribe: optional(boolean) }),
  logging: capability(),
  completions: capability(),
  tasks: capability({
    list: capability(),
    cancel: capability(),
    requests: capability({ tools: capability({ call: capability() }) }),
  }),
  experimental: named,
  extensions: named,
});

const clientCapabilities = record({
  roots: capability(listChanged),
  sampling: capability({ context: capability(), tools: capability() }),
  elicitation: capability({ form: capability({ applyDefaults: optional(boolean) }), url: capability() }),
  tasks: capability({
    list: capability(),
    cancel: capability(),
    requests: capability({
      sampling: capability({ createMessage: capability() }),
      elicitation: capability({ create: capability() }),
    }),
  }),
  experimental: named,
  extensions: named,
});

const message = record({ role: required(role, () => 'user'), content: required(content) });

const task = record({
  taskId: required(text),
  status: required(string),
  ttl: optional(
    leaf('a number or null', { fits: (value) => value === null || number.repair(value, []) === value }),
  ),
  pollInterval: optional(number),
  statusMessage: optional(string),
});

/** Results of a backend, by the method that asked for them; `params` are those of the request. */
const serverResults: Readonly<Record<string, Shape | ((params: JsonObject) => Shape)>> = {
  'tools/call': record({
    content: { ...optional(list(content)) },
    structuredContent: optional(anything),
    isError: optional(boolean),
    task: optional(task),
    ...result,
  }),
  'prompts/get': record({
    messages: required(list(message), empty),
    description: optional(string),
    ...result,
  }),
  'resources/read': (params) =>
    record({ contents: required(list(resourceContents(params['uri'])), empty), ...result }),
  'completion/complete': record({
    completion: required(
      record({ values: required(values, empty), total: optional(integer), hasMore: optional(boolean) }),
      () => ({ values: [] }),
    ),
    ...result,
  }),
};

const handshake = record({
  capabilities: required(serverCapabilities, () => ({})),
  serverInfo: optional(implementation),
  instructions: optional(string),
  ...result,
});

/** What a client says of itself in `initialize`, or with each request. */
const clientDeclaration = record({
  capabilities: required(clientCapabilities, () => ({})),
  clientInfo: optional(implementation),
});

/** Notifications, by method: the same in both directions. */
const notifications: Readonly<Record<string, Shape>> = {
  'notifications/progress': record({
    progress: required(number),
    total: optional(number),
    message: optional(string),
    ...result,
  }),
  'notifications/message': record({
    level: required(level, () => 'info'),
    logger: optional(string),
    data: required(anything, () => ''),
    ...result,
  }),
  'notifications/resources/updated': record({ uri: required(string), ...result }),
  'notifications/elicitation/complete': record({ elicitationId: required(text), ...result }),
  'notifications/cancelled': record({ reason: optional(string), ...result }),
  'notifications/tasks/status': record({
    taskId: required(text),
    status: required(string),
    statusMessage: optional(string),
    pollInterval: optional(number),
    ...result,
  }),
};

/** What a form may ask for. Each is told by its type; one without a type is left out. */
const titled = { title: optional(string), description: optional(string) };
const choice = record({ const: required(text), title: required(text, (each) => each['const']) });
const numeric = record({
  ...titled,
  minimum: optional(number),
  maximum: optional(number),
  default: optional(number),
});
const primitive = variant(
  'type',
  {
    string: record({
      ...titled,
      minLength: optional(number),
      maxLength: optional(number),
      format: optional(oneOf(['email', 'uri', 'date', 'date-time'])),
      enum: optional(list(text)),
      enumNames: optional(list(text)),
      oneOf: optional(list(choice)),
      default: optional(string),
    }),
    number: numeric,
    integer: numeric,
    boolean: record({ ...titled, default: optional(boolean) }),
    array: record({
      ...titled,
      minItems: optional(number),
      maxItems: optional(number),
      default: optional(list(string)),
    }),
  },
  () => undefined,
);

const form = record({
  type: required(leaf('"object"', { fits: (value) => value === 'object' }), () => 'object'),
  properties: required(map(primitive), () => ({})),
  required: schemaFields['required'] ?? optional(list(string)),
});

const preferences = record({
  hints: optional(list(record({ name: optional(string) }))),
  costPriority: optional(share),
  speedPriority: optional(share),
  intelligencePriority: optional(share),
});

/** One block or several. */
const sampledContent: Shape = {
  expected: sampled.expected,
  repair: (value, misfits) => (Array.isArray(value) ? list(sampled) : sampled).repair(value, misfits),
};

/** What a backend asks a client, by method. */
const questions: Readonly<Record<string, Shape | ((params: JsonObject) => Shape)>> = {
  'elicitation/create': ({ mode }) =>
    mode === 'url'
      ? record({
          message: required(text, () => ''),
          url: required(string),
          elicitationId: optional(text),
          ...result,
        })
      : record({
          message: required(text, () => ''),
          mode: optional(oneOf(['form', 'url'])),
          requestedSchema: required(form),
          ...result,
        }),
  'sampling/createMessage': record({
    messages: required(
      list(
        record(
          { role: required(role, () => 'user'), content: required(sampledContent), _meta: meta },
          { mend: (value) => (isString(value) ? { role: 'user', content: value } : undefined) },
        ),
      ),
    ),
    maxTokens: required(integer),
    modelPreferences: optional(preferences),
    systemPrompt: optional(string),
    includeContext: optional(oneOf(['none', 'thisServer', 'allServers'])),
    temperature: optional(number),
    stopSequences: optional(list(string)),
    metadata: optional(object),
    tools: optional(list(toolShape)),
    toolChoice: optional(record({ mode: optional(oneOf(['auto', 'required', 'none'])) })),
    ...result,
  }),
  'roots/list': record(result),
};

const formValue = leaf('a string, number, boolean or array of strings', {
  fits: (value) => (Array.isArray(value) ? value.every(isString) : value !== null && !isPlain(value)),
});

/** Roots are files; a path is read as one. */
const fileUri = leaf('a "file://" URI', {
  kind: 'a string',
  fits: (value) => isString(value) && value.startsWith('file://'),
  mend: (value) => (isString(value) && value.startsWith('/') ? `file://${encodeURI(value)}` : undefined),
});

/** What a client answers, by the method that it was asked. */
const clientResults: Readonly<Record<string, Shape>> = {
  'elicitation/create': record({
    action: required(oneOf(['accept', 'decline', 'cancel'], { reject: 'decline', deny: 'decline' })),
    content: optional(map(formValue)),
    ...result,
  }),
  'sampling/createMessage': record({
    role: required(role, () => 'assistant'),
    model: required(text, () => 'unknown'),
    content: required(sampledContent),
    stopReason: optional(string),
    ...result,
  }),
  'roots/list': record({
    roots: required(
      list(
        record(
          { uri: required(fileUri), name: optional(string), _meta: meta },
          { mend: (value) => (isString(value) ? { uri: value } : undefined) },
        ),
      ),
      empty,
    ),
    ...result,
  }),
};

/** Where a message stands, by what carries it. */
export type MessageKind =
  'server-result' | 'handshake' | 'notification' | 'question' | 'client-result' | 'client';

const tables: Readonly<Record<MessageKind, ReadonlyMap<string, Shape | ((params: JsonObject) => Shape)>>> = {
  'server-result': new Map(Object.entries(serverResults)),
  handshake: new Map([['initialize', handshake]]),
  notification: new Map(Object.entries(notifications)),
  question: new Map(Object.entries(questions)),
  'client-result': new Map(Object.entries(clientResults)),
  client: new Map([['initialize', clientDeclaration]]),
};

const onlyMeta = record(result);

/**
 * A message's parameters or result as the other side can take them: the value itself where all fields fit.
 * @param misfits told of each field that does not.
 * @param params of the request that a result answers.
 * @returns undefined where it is of no use without a field.
 */
export function repairMessage(
  kind: MessageKind,
  method: string,
  value: JsonObject,
  misfits: Misfit[],
  params: JsonObject = value,
): JsonObject | undefined {
  const isPartial = kind === 'server-result' && (value['resultType'] ?? 'complete') !== 'complete';
  const known = (isPartial ? undefined : tables[kind].get(method)) ?? onlyMeta;
  const shape = typeof known === 'function' ? known(params) : known;
  const repaired = shape.repair(value, misfits);
  return isPlain(repaired) ? repaired : undefined;
}

/** Says a misfit in words: what was expected, what was found, and what was done. */
export function misfitText({ path, expected, found, done }: Misfit): string {
  const what = path.replace(/^\./, '');
  const field = what === '' ? 'it' : `"${what}"`;
  return `${field}: expected ${expected}, found ${found}${done === undefined ? '' : `; ${done}`}`;
}
