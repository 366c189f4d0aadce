/** What the page asks for, by name. Each answer is what the person behind the request may know. */
import type { Answers, Streams } from '../../console/wire/index.ts';
import type { Caller, Principal, Tool } from '../../gateway/index.ts';
import { isObject, type JsonObject } from '../../protocol/index.ts';
import type { ServerState, ServerView, Site } from '../feature.ts';
import { contextOf } from './caller.ts';
import { callTool, runScript } from './run.ts';
import type { ConsoleState } from './state.ts';
import { backendCards, isReadOnly, tokenMeter, toolsView } from './tools.ts';
import type { RunObserver } from './watch.ts';

const scriptTool = 'execute_tool_script';

/** One request of the page. */
export interface Asked {
  readonly person: Principal;
  readonly signedIn: boolean;
  readonly body: JsonObject;
  /** Aborted when the page no longer waits. */
  readonly signal: AbortSignal;
  /** What the browser knows this server by: `http://host:port`. */
  readonly origin: string;
}

export interface ApiTerms {
  readonly server: ServerView;
  readonly state: ConsoleState;
  readonly site: Site;
  readonly observers: WeakMap<Caller, RunObserver>;
}

/** A request that says something else than it may. */
export class BadRequest extends Error {}

type Answer<Name extends keyof Answers> = (asked: Asked, terms: ApiTerms) => Promise<Answers[Name]['gets']>;
type Stream<Name extends keyof Streams> = (
  asked: Asked,
  terms: ApiTerms,
  tell: (event: Streams[Name]['gets']) => void,
) => Promise<void>;

/** Answers of one piece. Signing in and out belong to the cookie, not here. */
export const answers: { readonly [Name in Exclude<keyof Answers, 'login' | 'logout'>]: Answer<Name> } = {
  overview: async (asked, terms) => {
    const { server, state, site } = terms;
    const [serverState, tools] = await Promise.all([server.state(), listTools(asked, terms)]);
    const { name, version, config, scriptLimits } = serverState;
    const { refused } = config;
    return {
      name,
      version,
      ...(site.knowsCallers && { person: asked.person.subject }),
      signedIn: asked.signedIn,
      mcpUrl: `${site.publicUrl ?? asked.origin}/mcp`,
      codeMode: hasCodeMode(tools),
      ...(scriptLimits && { limits: toLimits(scriptLimits) }),
      backends: backendCards(serverState, server, state.latencies),
      toolCount: tools.length,
      config: {
        inForceSince: config.inForceSinceMs,
        reloads: config.reloads,
        ...(refused !== undefined && { refused: { at: refused.atMs, problems: [...refused.problems] } }),
      },
      tokens: tokenMeter(tools, server),
    };
  },
  tools: async (asked, terms) =>
    toolsView(await listTools(asked, terms), terms.server, { tellHidden: !terms.site.knowsCallers }),
  call: async (asked, { server }) => {
    const outcome = await callTool(textOf(asked.body, 'name'), objectOf(asked.body, 'arguments'), {
      ...asked,
      server,
    });
    return outcome as Answers['call']['gets'];
  },
  check: async (asked, terms) => {
    const tools = (await listTools(asked, terms)).filter(({ name }) => name !== scriptTool);
    const options = { tools, data: objectOf(asked.body, 'data'), filename: 'script.star' };
    const { calls, faults } = await terms.server.checkScript(textOf(asked.body, 'script'), options);
    const harmless = new Set(tools.filter(isReadOnly).map(({ name }) => name));
    return {
      calls: calls.map((call) => ({ ...call, readOnly: harmless.has(call.tool) })),
      faults: [...faults],
    };
  },
  allow: async ({ body, person }, { state }) => ({
    heard: state.questions.answer(textOf(body, 'question'), person, body['allowed'] === true),
  }),
  adoption: async (asked, terms) => ({
    ...terms.state.activity.counts(),
    codeMode: hasCodeMode(await listTools(asked, terms)),
  }),
};

/** Answers of many pieces. */
export const streams: { readonly [Name in keyof Streams]: Stream<Name> } = {
  run: async (asked, { server, state, observers, ...terms }, tell) => {
    const tools = await listTools(asked, { server, state, observers, ...terms });
    const { questions } = state;
    const run = { ...asked, server, questions, observers, tools, tell };
    await runScript(textOf(asked.body, 'script'), objectOf(asked.body, 'data'), run);
  },
  activity: async ({ person, signal }, { state, site }, tell) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = state.activity.follow(site.knowsCallers ? person : undefined, tell);
    const forget = state.onDrain(resolve);
    const end = (): void => resolve();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await promise;
    signal.removeEventListener('abort', end);
    forget();
    stop();
  },
};

function toLimits({
  maxToolCalls,
  maxResultBytes,
  scriptTimeoutMs,
}: NonNullable<ServerState['scriptLimits']>): NonNullable<Answers['overview']['gets']['limits']> {
  return { maxToolCalls, maxResultBytes, scriptTimeoutMs };
}

function listTools({ person, signal }: Asked, { server }: ApiTerms): Promise<Tool[]> {
  return server.ask({ ...contextOf(person, signal), method: 'tools/list' });
}

function hasCodeMode(tools: readonly Tool[]): boolean {
  return tools.some(({ name }) => name === scriptTool);
}

function textOf(body: JsonObject, key: string): string {
  const found = body[key];
  if (typeof found === 'string') return found;
  throw new BadRequest(`expected "${key}" to be a string`);
}

function objectOf(body: JsonObject, key: string): JsonObject {
  const found = body[key] ?? {};
  if (isObject(found)) return found;
  throw new BadRequest(`expected "${key}" to be an object`);
}
