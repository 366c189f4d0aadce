/**
 * The funnel: every request of a client passes `edge` once, then `every`, then the providers of own tools, then `below`,
 * then the catalogue. What a provider asks for comes in again at `every`; what the gateway itself asks for does, too. So nothing
 * reaches a backend that did not pass each stage of `every`. Events go the other way, through a chain of their own.
 */
import { toError } from '../lib/thrown.ts';
import type { Caller } from './caller.ts';
import { principalKey } from './principal.ts';
import type { Gateway, GatewayEvent, RequestSource } from './gateway.ts';
import type {
  Ask,
  Place,
  Places,
  Request,
  RequestMethod,
  RequestOf,
  Result,
  ToolCall,
  ToolResult,
} from './request.ts';
import type { ToolProvider } from './tool-provider.ts';

/** Hands a request on. */
export type Next = (request: Request) => Promise<Result>;

/**
 * One step of the funnel: answers, refuses, or hands on what it was given or a changed copy. The result must be of the
 * kind that the request's method is answered with.
 */
export type Stage = (request: Request, next: Next) => Promise<Result>;

/** One step of the way back: the event as this session may hear it, or undefined. */
export type EventStage = (event: GatewayEvent, session: Caller) => GatewayEvent | undefined;

export interface PipelineParts {
  /** For what clients ask, once for each request. Outermost first. */
  readonly edge: readonly Stage[];
  /** For each request, the inner calls of a script or composite tool included. */
  readonly every: readonly Stage[];
  /** Each sees the list and the calls that the one before it leaves over. */
  readonly providers: readonly ToolProvider[];
  /** What is left for the catalogue: no tool of a provider, but each call that one makes. */
  readonly below?: readonly Stage[];
  readonly events: readonly EventStage[];
  readonly catalogue: RequestSource;
}

/** A stage for the requests of these methods alone; all others it lets by. */
export function onlyFor<Method extends RequestMethod>(
  methods: readonly Method[],
  stage: (request: RequestOf<Method>, next: Next) => Promise<Result>,
): Stage {
  const concerned: ReadonlySet<string> = new Set(methods);
  return (request, next) =>
    concerned.has(request.method) ? stage(request as RequestOf<Method>, next) : next(request);
}

export function createPipeline({
  edge,
  every,
  providers,
  below = [],
  events,
  catalogue,
}: PipelineParts): Gateway {
  const inner = (request: Request): Promise<Result> => enter(request);
  const provided = providers.map((provider, index) => {
    const ownBelow = new Set(providers.slice(index + 1).flatMap(({ names }) => names));
    return provide(provider, inner, ownBelow);
  });
  const enter = chain([...every, ...provided, ...below], (request) => catalogue.ask(request));
  const enterAtEdge = chain(edge, enter);
  const ask = (request: Request): Promise<Result> =>
    request.origin === 'client' ? enterAtEdge(request) : enter(request);
  return {
    ask,
    eventFor: (event, session) => {
      if (event.principal !== undefined && event.principal !== principalKey(session.principal))
        return undefined;
      let heard: GatewayEvent | undefined = event;
      for (const stage of events) if (heard !== undefined) heard = stage(heard, session);
      return heard;
    },
    subscribe: (listener) => catalogue.subscribe(listener),
    endSession: (sessionId) => catalogue.endSession(sessionId),
  };
}

function chain(stages: readonly Stage[], end: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (request) => pass(stage, request, next), end);
}

/** What a stage throws at once is a rejection like any other. */
function pass(stage: Stage, request: Request, next: Next): Promise<Result> {
  try {
    return stage(request, next);
  } catch (error) {
    return Promise.reject(toError(error));
  }
}

/** Puts a provider's tools in front of what is below. */
function provide(provider: ToolProvider, ask: Ask, ownBelow: ReadonlySet<string>): Stage {
  const names = new Set(provider.names);
  return async (request, next) => {
    if (!provider.isOpenTo(request.origin)) return next(request);
    switch (request.method) {
      case 'tools/list':
        return provider.list(
          (await next(request)) as Awaited<ReturnType<typeof provider.list>>,
          request,
          ask,
          ownBelow,
        );
      case 'tools/call':
        if (!names.has(request.name)) {
          const refused = ownBelow.has(request.name) ? undefined : await refusalOf(provider, request, ask);
          return refused ?? next(request);
        }
        if (request.ran !== undefined) {
          request.ran.countAs = provider.countAs;
          request.ran.tool = request.name;
        }
        return provider.call(request, ask);
      case 'describe': {
        const description = (await next(request)) as { capabilities: { tools?: unknown } };
        const { capabilities } = description;
        if (capabilities.tools !== undefined) return description as Result;
        return { ...description, capabilities: { ...capabilities, tools: { listChanged: true } } };
      }
      case 'locate': {
        const places = (await next(request)) as Places;
        const own: Place = { own: provider.countAs };
        return {
          tool: (name) => (names.has(name) ? own : places.tool(name)),
          prompt: (name) => places.prompt(name),
          resource: (uri) => places.resource(uri),
        } satisfies Places;
      }
      default:
        return next(request);
    }
  };
}

/** The answer to a client's call that a provider refuses. */
async function refusalOf(provider: ToolProvider, call: ToolCall, ask: Ask): Promise<ToolResult | undefined> {
  if (provider.refuse === undefined || call.origin !== 'client' || call.fault !== undefined) return undefined;
  const refused = await provider.refuse(call, ask);
  if (refused === undefined) return undefined;
  if (call.ran !== undefined) call.ran.tool = refused.tool;
  return refused.result;
}
