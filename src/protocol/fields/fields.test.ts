/** The table of fields against the schemas of the official SDK, of both its generations: each field is broken in each way. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as modern from '@modelcontextprotocol/core';
import * as legacy from '@modelcontextprotocol/sdk/types.js';
import { leaveUnread } from '../../gateway/unread-text.ts';
import { type MessageKind, type Misfit, repairEntry, repairMessage, type ListName } from './index.ts';
import type { JsonObject, JsonValue } from '../json.ts';

interface Schema {
  safeParse(value: unknown): { success: boolean };
}

interface Sample {
  readonly title: string;
  readonly sound: JsonObject;
  /** The schema's name in both generations, or in one alone. */
  readonly schemas: readonly (Schema | undefined)[];
  repair(value: JsonObject, misfits: Misfit[]): JsonObject | undefined;
}

const icons = [{ src: 'https://a.example/i.png', mimeType: 'image/png', sizes: ['48x48'], theme: 'dark' }];
const annotations = { audience: ['user'], priority: 0.5, lastModified: '2025-01-12T15:00:58Z' };
const _meta = { 'example.com/x': [null, 1] };
const blocks = [
  { type: 'text', text: 'a', annotations, _meta },
  { type: 'image', data: 'aGk=', mimeType: 'image/png', annotations, _meta },
  { type: 'audio', data: 'aGk=', mimeType: 'audio/wav', annotations, _meta },
  {
    type: 'resource',
    resource: { uri: 'a://b', text: 'x', mimeType: 'text/plain', _meta },
    annotations,
    _meta,
  },
  { type: 'resource', resource: { uri: 'a://b', blob: 'aGk=', mimeType: 'text/plain', _meta }, _meta },
  { type: 'resource_link', uri: 'a://b', name: 'b', title: 'B', size: 3, icons, annotations, _meta },
];
const inputSchema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], x: null };
const tool = {
  name: 't',
  title: 'T',
  description: 'd',
  inputSchema,
  outputSchema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
  icons,
  annotations: {
    title: 'T',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  execution: { taskSupport: 'optional' },
  _meta,
};
const resource = {
  uri: 'a://b',
  name: 'b',
  title: 'B',
  description: 'd',
  mimeType: 'text/plain',
  size: 12,
  icons,
  annotations,
  _meta,
};

type Named = Readonly<Record<string, unknown>>;
const both = (name: string): Schema[] =>
  [modern as Named, legacy as Named].map((all) => all[name] as Schema).filter((each) => each !== undefined);

function entry(of: ListName, schema: string, sound: JsonObject): Sample {
  return {
    title: `an entry of ${of}`,
    sound,
    schemas: both(schema),
    repair: (value, misfits) => repairEntry(of, value, misfits),
  };
}

function message(kind: MessageKind, method: string, schema: string, sound: JsonObject, params = {}): Sample {
  return {
    title: `${kind} of ${method}`,
    sound,
    schemas: both(schema),
    repair: (value, misfits) => repairMessage(kind, method, value, misfits, params),
  };
}

const samples: readonly Sample[] = [
  entry('tools', 'ToolSchema', tool),
  entry('resources', 'ResourceSchema', resource),
  entry('resourceTemplates', 'ResourceTemplateSchema', {
    uriTemplate: 'a://{b}',
    name: 'b',
    title: 'B',
    description: 'd',
    mimeType: 'text/plain',
    icons,
    annotations,
    _meta,
  }),
  entry('prompts', 'PromptSchema', {
    name: 'p',
    title: 'P',
    description: 'd',
    arguments: [{ name: 'a', description: 'd', required: true }],
    icons,
    _meta,
  }),
  message('server-result', 'tools/call', 'CallToolResultSchema', {
    content: blocks,
    structuredContent: { a: [null] },
    isError: false,
    _meta,
  }),
  message('server-result', 'prompts/get', 'GetPromptResultSchema', {
    description: 'd',
    messages: blocks.map((content) => ({ role: 'user', content })),
    _meta,
  }),
  message(
    'server-result',
    'resources/read',
    'ReadResourceResultSchema',
    {
      contents: [
        { uri: 'a://b', text: 'x', mimeType: 'text/plain', _meta },
        { uri: 'a://c', blob: 'aGk=', mimeType: 'text/plain', _meta },
      ],
      _meta,
    },
    { uri: 'a://b' },
  ),
  message('server-result', 'completion/complete', 'CompleteResultSchema', {
    completion: { values: ['a'], total: 1, hasMore: false },
    _meta,
  }),
  message('question', 'sampling/createMessage', 'CreateMessageRequestParamsSchema', {
    messages: [
      { role: 'user', content: { type: 'text', text: 'a' }, _meta },
      { role: 'assistant', content: [{ type: 'tool_use', name: 'a', id: 'b', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', toolUseId: 'b', content: [], isError: false }] },
    ],
    maxTokens: 10,
    modelPreferences: {
      hints: [{ name: 'a' }],
      costPriority: 0,
      speedPriority: 1,
      intelligencePriority: 0.5,
    },
    systemPrompt: 's',
    includeContext: 'none',
    temperature: 0.5,
    stopSequences: ['a'],
    metadata: {},
    tools: [tool],
    toolChoice: { mode: 'auto' },
    _meta,
  }),
  message('question', 'elicitation/create', 'ElicitRequestFormParamsSchema', {
    mode: 'form',
    message: 'm',
    requestedSchema: {
      type: 'object',
      properties: {
        a: { type: 'string', title: 'A', minLength: 1, maxLength: 9, format: 'email' },
        b: { type: 'number', minimum: 1, maximum: 2 },
        c: { type: 'boolean', description: 'c', default: true },
        d: { type: 'string', enum: ['x', 'y'] },
      },
      required: ['a'],
    },
    _meta,
  }),
  message('client-result', 'elicitation/create', 'ElicitResultSchema', {
    action: 'accept',
    content: { a: 'x', b: 1, c: true, d: ['e'] },
    _meta,
  }),
  message('client-result', 'sampling/createMessage', 'CreateMessageResultWithToolsSchema', {
    role: 'assistant',
    model: 'm',
    stopReason: 'endTurn',
    content: { type: 'text', text: 'a' },
    _meta,
  }),
  message('client-result', 'roots/list', 'ListRootsResultSchema', {
    roots: [{ uri: 'file:///a', name: 'a', _meta }],
    _meta,
  }),
  message('notification', 'notifications/message', 'LoggingMessageNotificationParamsSchema', {
    level: 'info',
    logger: 'l',
    data: { a: null },
    _meta,
  }),
  message('notification', 'notifications/progress', 'ProgressNotificationParamsSchema', {
    progressToken: 1,
    progress: 1,
    total: 2,
    message: 'm',
    _meta,
  }),
  message('notification', 'notifications/resources/updated', 'ResourceUpdatedNotificationParamsSchema', {
    uri: 'a://b',
    _meta,
  }),
  message('handshake', 'initialize', 'InitializeResultSchema', {
    protocolVersion: '2025-11-25',
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      logging: {},
      completions: {},
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      experimental: { a: {} },
    },
    serverInfo: { name: 's', version: '1', title: 'S', websiteUrl: 'https://a.example', icons },
    instructions: 'i',
    _meta,
  }),
  message('client', 'initialize', 'InitializeRequestParamsSchema', {
    protocolVersion: '2025-11-25',
    capabilities: {
      roots: { listChanged: true },
      sampling: { context: {}, tools: {} },
      elicitation: { form: {}, url: {} },
      tasks: {
        list: {},
        cancel: {},
        requests: { elicitation: { create: {} }, sampling: { createMessage: {} } },
      },
      experimental: { a: {} },
    },
    clientInfo: { name: 'c', version: '1', icons },
  }),
];

/** Never looked into. */
const opaque: ReadonlySet<string> = new Set([
  'structuredContent',
  '_meta',
  'arguments',
  'data',
  'metadata',
  'input',
]);
/** Read by whatever speaks the protocol itself. */
const elsewhere: ReadonlySet<string> = new Set(['protocolVersion', 'progressToken']);

type Path = readonly (string | number)[];

/** Every place in a sample at which a field of the specification stands. */
function placesIn(value: JsonValue, path: Path = []): Path[] {
  const here = path.length === 0 ? [] : [path];
  const name = path.at(-1);
  if (typeof value !== 'object' || value === null || (typeof name === 'string' && opaque.has(name)))
    return here;
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const below = members.flatMap(([key, member]) => placesIn(member ?? null, [...path, key]));
  return [...here, ...below].filter(([first]) => !elsewhere.has(String(first)));
}

const long = (JSON as unknown as { rawJSON(text: string): JsonObject }).rawJSON('12345678901234567891');
const breaks: Readonly<Record<string, JsonValue | undefined>> = {
  missing: undefined,
  null: null,
  'a string': 'odd',
  'a number': 7,
  'a long number': long,
  'a boolean': true,
  false: false,
  'an array': [],
  'an array of oddities': [null, 7, {}],
  'an object': {},
  'an object of oddities': { odd: null },
  'a huge text': 'x'.repeat(5_000),
  'a huge array': Array<JsonValue>(300).fill('x'),
};

function broken(sound: JsonObject, path: Path, value: JsonValue | undefined): JsonObject {
  const copy = structuredClone(sound);
  let at: Record<string | number, unknown> = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  if (value !== undefined) at[last] = value;
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return copy;
}

/** True where nothing stands at a place any more. */
function isGone(value: JsonObject, path: Path): boolean {
  let at: unknown = value;
  for (const key of path) at = (at as Record<string | number, unknown> | undefined)?.[key];
  return at === undefined;
}

/** A type that is not known yet: it stays for clients that know it. */
const isNewType = (path: Path, value: JsonValue | undefined): boolean =>
  path.at(-1) === 'type' && typeof value === 'string';

/** What the newest revision leaves open, and the edge makes of one kind for clients of older ones. */
const isOfTheEdge = (path: Path): boolean =>
  path[0] === 'structuredContent' || path.at(-1) === 'outputSchema' || path.at(-2) === 'outputSchema';

/** Who speaks is optional in the newest revision, and never passed on by itself. */
const isOwnToSay = (path: Path, repaired: JsonObject | undefined): boolean =>
  path.length === 1 &&
  /^(server|client)Info$/.test(String(path[0])) &&
  repaired?.[String(path[0])] === undefined;

/** As it is read on the other side. */
const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** True where both generations of the SDK take it. */
const isTaken = ({ schemas }: Sample, value: unknown): boolean =>
  schemas.every((schema) => schema?.safeParse(asSent(value)).success === true);

describe('the table of fields', () => {
  for (const sample of samples) {
    test(`${sample.title}: leaves what is sound as it is, and what is not known too`, () => {
      assert.ok(sample.schemas.length > 0 && isTaken(sample, sample.sound), 'the sample is not sound');
      const misfits: Misfit[] = [];
      assert.equal(sample.repair(sample.sound, misfits), sample.sound);
      const more = { ...sample.sound, unheard: null, 'x-y': [{}], constructor: 'c' };
      assert.equal(sample.repair(more, misfits), more);
      assert.deepEqual(misfits, []);
    });

    test(`${sample.title}: makes of each broken field what the official client takes, and names it`, () => {
      let refused = 0;
      for (const path of placesIn(sample.sound)) {
        for (const [how, value] of Object.entries(breaks)) {
          const sent = broken(sample.sound, path, value);
          const misfits: Misfit[] = [];
          const repaired = sample.repair(sent, misfits);
          const what = `${path.join('.')} ${how}: ${JSON.stringify(misfits)}`;
          if (isNewType(path, value) || isOwnToSay(path, repaired) || isOfTheEdge(path)) continue;
          if (repaired !== undefined) assert.ok(isTaken(sample, repaired), `refused with ${what}`);
          if (isTaken(sample, sent)) continue;
          refused++;
          if (value === null && misfits.length === 0) {
            assert.ok(repaired !== undefined && isGone(repaired, path), `kept ${what}`);
            continue;
          }
          assert.ok(misfits.length > 0, `said nothing of ${what}`);
          const named = misfits.some((misfit) => misfit.path.startsWith(`.${String(path[0])}`));
          assert.ok(named, `did not name ${what}`);
        }
      }
      assert.ok(refused > 5, 'nothing was broken');
    });

    test(`${sample.title}: takes nothing from what the official client takes as it is`, () => {
      for (const path of placesIn(sample.sound)) {
        for (const [how, value] of Object.entries(breaks)) {
          const sent = broken(sample.sound, path, value);
          const misfits: Misfit[] = [];
          const repaired = sample.repair(sent, misfits);
          if (!isTaken(sample, sent) || misfits.some(({ expected }) => expected.includes('compiled')))
            continue;
          if (value === null || path.includes('enum')) continue; // says nothing; is taken unseen
          const what = `${path.join('.')} ${how}: ${JSON.stringify(misfits)}`;
          assert.deepEqual(asSent(repaired), asSent(sent), `changed ${what}`);
        }
      }
    });
  }

  test('keeps every neighbour of a broken entry, in each list of a message', () => {
    const misfits: Misfit[] = [];
    const good = { type: 'text', text: 'good' };
    const content = [
      good,
      { type: 'text', text: null },
      { type: 'image' },
      null,
      'bare',
      { type: 'new', x: 1 },
    ];
    const repaired = repairMessage('server-result', 'tools/call', { content }, misfits);
    assert.deepEqual(repaired, {
      content: [good, { type: 'text', text: 'bare' }, { type: 'new', x: 1 }],
    });
    assert.deepEqual(
      misfits.map(({ path }) => path),
      ['.content[1].text', '.content[2].data', '.content[3]', '.content[4]'],
    );
  });

  test('never reads a text that has not been read, even where a field beside it is repaired', () => {
    const block: JsonObject = { type: 'text', annotations: { audience: 'user' } };
    leaveUnread(block, 'this is no JSON: whoever reads it throws');
    const misfits: Misfit[] = [];
    const repaired = repairMessage('server-result', 'tools/call', { content: [block] }, misfits);
    const [fixed] = (repaired?.['content'] ?? []) as JsonObject[];
    assert.deepEqual(fixed?.['annotations'], { audience: ['user'] });
    assert.throws(() => fixed?.['text'], SyntaxError);
  });

  test('asks nothing of a result that is not complete yet', () => {
    const asking = { resultType: 'input_required', requestState: 's' };
    const misfits: Misfit[] = [];
    assert.equal(repairMessage('server-result', 'resources/read', asking, misfits, { uri: 'a' }), asking);
    assert.deepEqual(misfits, []);
  });

  test('leaves no way to the prototype of what is repaired', () => {
    const entry = JSON.parse(
      '{"name":"a","inputSchema":{"properties":{"__proto__":true,"b":{}}}}',
    ) as JsonObject;
    const { inputSchema: schema } = repairEntry('tools', entry, []) ?? {};
    const { properties } = schema as JsonObject;
    assert.deepEqual(Object.keys(properties as JsonObject), ['__proto__', 'b']);
    assert.equal(Object.getPrototypeOf(properties), Object.prototype);
  });
});
