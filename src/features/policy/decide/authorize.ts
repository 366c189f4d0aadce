/** The stage that lets pass what policies permit, and shows in lists what they may permit. */
import type {
  Next,
  PerMethod,
  Place,
  Places,
  Request,
  RequestMethod,
  RequestOf,
  Result,
  Stage,
} from '../../../gateway/index.ts';
import { DeniedError, isObject, type JsonObject, type JsonValue } from '../../../protocol/index.ts';
import { kindTable, type Kind, type Target } from '../model/subject.ts';
import type { Decision } from './policies.ts';
import type { Views } from './views.ts';

export interface AuthorizeOptions {
  readonly views: Views;
  /** True where code mode's flag lets every caller run scripts, whatever policies say. */
  readonly scriptsByFlag: boolean;
  /** Told of each denial. `decision` is absent for a name that leads nowhere. */
  readonly onDenied: (request: Request, decision: Decision | undefined) => void;
}

type Decide<Method extends RequestMethod> = (request: RequestOf<Method>, next: Next) => Promise<Result>;

/** One decision for each kind of request: a method that is added to the table has to be decided about here. */
type Rules = { readonly [Method in keyof PerMethod<unknown>]: Decide<Method> };

/** Decides about every request, whoever asks. A name that leads nowhere is denied in the words for one that is not permitted. */
export function authorize(options: AuthorizeOptions): Stage {
  const rules = rulesOf(options);
  return (request, next) => (rules[request.method] as Decide<RequestMethod>)(request, next);
}

const pass = (request: Request, next: Next): Promise<Result> => next(request);

function rulesOf({ views, scriptsByFlag, onDenied }: AuthorizeOptions): Rules {
  const deny = (request: Request, what: string, decision?: Decision): never => {
    onDenied(request, decision);
    throw new DeniedError(what);
  };

  const isFree = (place: Place): boolean => scriptsByFlag && place.own === 'execute_tool_script';

  const useNamed = async (
    request: Request,
    next: Next,
    use: {
      readonly kind: 'tool' | 'prompt';
      readonly name: JsonValue | undefined;
      readonly args: JsonObject;
    },
  ): Promise<Result> => {
    const { kind, name, args } = use;
    // What is no name at all is refused below as invalid.
    if (typeof name !== 'string' || name === '') return next(request);
    const place = (await locate(request, next))[kind](name);
    if (place === undefined) return deny(request, kindTable[kind].denied);
    if (isFree(place)) return next(request);
    const decision = views.decide(request.caller.principal, { kind, name, ...place }, args);
    return decision.allowed ? next(request) : deny(request, kindTable[kind].denied, decision);
  };

  /** Whatever backend may be asked for it, the caller must be permitted to read it there. */
  const useResource = async (request: Request, next: Next, uri: JsonValue | undefined): Promise<Result> => {
    if (typeof uri !== 'string') return next(request);
    const backends = (await locate(request, next)).resource(uri);
    for (const backend of backends.length === 0 ? [undefined] : backends) {
      const decision = views.decide(request.caller.principal, { kind: 'resource', name: uri, backend }, {});
      if (!decision.allowed) return deny(request, kindTable.resource.denied, decision);
    }
    return next(request);
  };

  const show = async <Entry extends JsonObject>(
    request: Request,
    next: Next,
    targetOf: (entry: Entry, places: Places) => Target | undefined,
  ): Promise<Result> => {
    const [list, places] = [(await next(request)) as Entry[], await locate(request, next)];
    return views.filter(request.caller.principal, list, (entry) => targetOf(entry, places));
  };

  const showNamed = (kind: 'tool' | 'prompt') => (request: Request, next: Next) =>
    show(request, next, (entry, places) => {
      const name = String(entry['name']);
      const place = places[kind](name) ?? {};
      return isFree(place) ? undefined : { kind, name, entry, ...place };
    });

  const showResources = (field: 'uri' | 'uriTemplate') => (request: Request, next: Next) =>
    show(request, next, (entry, places) => {
      const name = String(entry[field]);
      const [backend] = places.resource(name);
      return { kind: 'resource', name, backend };
    });

  const readIt = (
    request: RequestOf<'resources/read' | 'resources/subscribe'>,
    next: Next,
  ): Promise<Result> => useResource(request, next, request.params['uri']);

  return {
    'tools/list': showNamed('tool'),
    'prompts/list': showNamed('prompt'),
    'resources/list': showResources('uri'),
    'resources/templates/list': showResources('uriTemplate'),
    'tools/call': (call, next) =>
      useNamed(call, next, { kind: 'tool', name: call.name, args: argumentsIn(call.params) }),
    'prompts/get': (request, next) =>
      useNamed(request, next, {
        kind: 'prompt',
        name: request.params['name'],
        args: argumentsIn(request.params),
      }),
    'resources/read': readIt,
    'resources/subscribe': readIt,
    // Ends what was permitted once, and tells nothing.
    'resources/unsubscribe': pass,
    'completion/complete': async (request, next) => {
      const { ref } = request.params;
      if (!isObject(ref)) return next(request);
      if (ref['type'] === 'ref/resource') return useResource(request, next, ref['uri']);
      if (ref['type'] !== 'ref/prompt' || typeof ref['name'] !== 'string') return next(request);
      const kind: Kind = 'prompt';
      const { name } = ref;
      const place = (await locate(request, next)).prompt(name);
      if (place !== undefined && views.isShown(request.caller.principal, { kind, name, ...place }))
        return next(request);
      return deny(request, kindTable.prompt.denied);
    },
    // About the caller's own session.
    'logging/setLevel': pass,
    'notifications/roots/list_changed': pass,
    describe: pass,
    locate: pass,
    // A task belongs to the principal that made it, by a call that was permitted; the catalogue lets no other see it.
    'tasks/get': pass,
    'tasks/update': pass,
    'tasks/cancel': pass,
    'tasks/list': pass,
    'tasks/result': pass,
    // No policy can say what an unknown method does.
    extension: async (request) => deny(request, 'request'),
  };
}

async function locate({ origin, caller, client, signal }: Request, next: Next): Promise<Places> {
  return (await next({ method: 'locate', origin, caller, client, signal })) as Places;
}

function argumentsIn(params: JsonObject): JsonObject {
  return isObject(params['arguments']) ? params['arguments'] : {};
}
