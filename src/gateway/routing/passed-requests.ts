import type { Backend } from '../backend/backend.ts';
import { BackendError, toUnavailable } from '../backend/backend.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Caller } from '../caller.ts';
import { anonymous, isSamePrincipal, principalKey } from '../principal.ts';
import type { TaskOwner, TaskOwners } from './task-owners.ts';
import { didYouMean } from '../../lib/near-miss.ts';
import {
  errorCodes,
  isObject,
  type JsonObject,
  type JsonValue,
  ProtocolError,
} from '../../protocol/index.ts';
import type { PassedRequest, RequestOf } from '../request.ts';
import type { Merged } from '../catalogue/merge.ts';
import { couldExpandTo } from '../catalogue/uri-template.ts';

/** Of links that results have named, so that what a client asks about them finds its backend. */
const maxRemembered = 10_000;

/** Requests other than tool calls and lists: finds whose each is, and puts the backend's own names into it. */
export class PassedRequests {
  readonly #backends: readonly Backend[];
  readonly #viewOf: (caller: Caller) => Merged;
  readonly #linkOwners = new BoundedMap<string, Backend>(maxRemembered);
  readonly #taskOwners: TaskOwners;

  constructor(backends: readonly Backend[], viewOf: (caller: Caller) => Merged, taskOwners: TaskOwners) {
    this.#taskOwners = taskOwners;
    this.#backends = backends;
    this.#viewOf = viewOf;
  }

  async request(request: PassedRequest): Promise<JsonObject> {
    try {
      return await this.#route(request);
    } catch (error) {
      throw error instanceof BackendError ? toUnavailable(error) : error;
    }
  }

  /** Notes the links and tasks in a result, for what the client may ask about them next. */
  remember(result: JsonObject, backend: Backend, { sessionId, principal }: Caller): Promise<void> | void {
    const { content, task, taskId } = result;
    if (Array.isArray(content)) for (const block of content) this.#rememberLink(block, backend);
    const id = isObject(task) ? task['taskId'] : taskId;
    // Who made a task stays its owner, whoever asks about it.
    if (typeof id !== 'string' || this.#taskOwners.known(id) !== undefined) return undefined;
    return this.#taskOwners.remember(id, {
      backend: backend.name,
      sessionId,
      principal: principalKey(principal),
    });
  }

  /** The session that a task was made for, where that is known. */
  sessionOfTask(taskId: JsonValue | undefined): string | undefined {
    return typeof taskId === 'string' ? this.#taskOwners.known(taskId)?.sessionId : undefined;
  }

  /** Names of the backends that a request about this URI may reach: its owner, or each that is asked around. */
  backendsFor(caller: Caller, uri: string): string[] {
    const owner =
      this.#ownerOf(caller, uri) ??
      this.#viewOf(caller).templateRoutes.find(({ text }) => text === uri)?.backend;
    return owner === undefined ? this.#offeringResources().map(({ name }) => name) : [owner.name];
  }

  #offeringResources(): readonly Backend[] {
    return this.#backends.filter(
      ({ available, info }) => available && info?.capabilities['resources'] !== undefined,
    );
  }

  #route(request: PassedRequest): Promise<JsonObject> {
    switch (request.method) {
      case 'prompts/get':
        return this.#getPrompt(request);
      case 'resources/read':
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.#ofResource(request, request.params['uri']);
      case 'completion/complete':
        return this.#complete(request);
      case 'logging/setLevel':
        return this.#toAll(request, 'logging');
      case 'notifications/roots/list_changed':
        for (const backend of this.#backends) {
          backend.notify(request.caller.sessionId, request.method, request.params);
        }
        return Promise.resolve({});
      case 'tasks/list':
        return this.#listTasks(request);
      case 'tasks/get':
      case 'tasks/update':
      case 'tasks/cancel':
      case 'tasks/result':
        return this.#ofTask(request);
      case 'extension':
        return this.#extension(request);
    }
  }

  async #getPrompt(request: PassedRequest): Promise<JsonObject> {
    const { name } = request.params;
    if (typeof name !== 'string') throw invalid('prompts/get needs a "name", a string');
    const { promptRoutes } = this.#viewOf(request.caller);
    const route = promptRoutes.get(name);
    if (route === undefined) {
      const hint = didYouMean(name, promptRoutes.keys());
      throw invalid(`Unknown prompt: ${name}${hint === '' ? '' : `.${hint}`}`);
    }
    return this.#send(route.backend, request, { ...request.params, name: route.name });
  }

  async #ofResource(request: PassedRequest, uri: JsonValue | undefined): Promise<JsonObject> {
    if (typeof uri !== 'string') throw invalid(`${request.method} needs a "uri", a string`);
    const owner = this.#ownerOf(request.caller, uri);
    if (owner !== undefined) return this.#send(owner, request, request.params);
    return this.#askAround(request, uri);
  }

  #ownerOf(caller: Caller, uri: string): Backend | undefined {
    const { resourceRoutes, templateRoutes } = this.#viewOf(caller);
    return (
      resourceRoutes.get(uri) ??
      this.#linkOwners.get(uri) ??
      templateRoutes.find(({ template }) => couldExpandTo(template, uri))?.backend
    );
  }

  /** A URI that no list, link or template tells of: each backend with resources is asked, in name order. */
  async #askAround(request: PassedRequest, uri: string): Promise<JsonObject> {
    for (const backend of this.#offeringResources()) {
      try {
        const result = await this.#send(backend, request, request.params);
        this.#linkOwners.set(uri, backend);
        return result;
      } catch (error) {
        if (!isOwnFailure(error) || request.signal.aborted) throw error;
      }
    }
    throw new ProtocolError(errorCodes.resourceNotFound, `Resource not found: ${uri}`, { data: { uri } });
  }

  async #complete(request: PassedRequest): Promise<JsonObject> {
    const { ref } = request.params;
    if (!isObject(ref)) throw invalid('completion/complete needs a "ref", an object');
    const { type, name, uri } = ref;
    if (type === 'ref/prompt' && typeof name === 'string') {
      const route = this.#viewOf(request.caller).promptRoutes.get(name);
      if (route === undefined) throw invalid(`Unknown prompt: ${name}`);
      return this.#send(route.backend, request, { ...request.params, ref: { ...ref, name: route.name } });
    }
    if (type === 'ref/resource' && typeof uri === 'string') {
      const exact = this.#viewOf(request.caller).templateRoutes.find(({ text }) => text === uri)?.backend;
      const owner = exact ?? this.#ownerOf(request.caller, uri);
      if (owner === undefined) throw invalid(`Unknown resource template: ${uri}`);
      return this.#send(owner, request, request.params);
    }
    throw invalid('completion/complete needs a "ref" of type "ref/prompt" or "ref/resource"');
  }

  /** Told to every backend that offers it; what one of them says does not keep it from the others. */
  async #toAll(request: PassedRequest, capability: string): Promise<JsonObject> {
    const offering = this.#backends.filter(({ info }) => info?.capabilities[capability] !== undefined);
    if (offering.length === 0) throw notFound(request.method);
    await Promise.allSettled(offering.map((backend) => this.#send(backend, request, request.params)));
    return {};
  }

  async #listTasks(request: PassedRequest): Promise<JsonObject> {
    const offering = this.#backends.filter(({ info }) => info?.capabilities['tasks'] !== undefined);
    if (offering.length === 0) throw notFound(request.method);
    const answers = await Promise.all(offering.map((backend) => this.#allTasks(backend, request)));
    return { tasks: answers.flat() };
  }

  /** Those of other sessions are left out: over a shared connection a backend takes all clients for one. */
  async #allTasks(backend: Backend, request: PassedRequest): Promise<JsonValue[]> {
    const tasks: JsonValue[] = [];
    let cursor: JsonValue | undefined;
    do {
      const page = await this.#send(backend, request, cursor === undefined ? {} : { cursor });
      for (const task of Array.isArray(page['tasks']) ? page['tasks'] : []) {
        const id = isObject(task) ? task['taskId'] : undefined;
        const owner = typeof id === 'string' ? await this.#taskOwners.find(id) : undefined;
        if (isListed(owner, request.caller)) tasks.push(task);
      }
      cursor = page['nextCursor'];
    } while (typeof cursor === 'string' && tasks.length < maxRemembered);
    return tasks;
  }

  async #ofTask(request: PassedRequest): Promise<JsonObject> {
    const { taskId } = request.params;
    if (typeof taskId !== 'string') throw invalid(`${request.method} needs a "taskId", a string`);
    const owner = this.#taskOwners.known(taskId) ?? (await this.#taskOwners.find(taskId));
    if (owner === undefined) return this.#findTask(request, taskId);
    const backend = this.#backends.find(({ name }) => name === owner.backend);
    // In the words for a task that is not there, so that an id cannot be tried out.
    if (backend === undefined || owner.principal !== principalKey(request.caller.principal))
      throw unknownTask(taskId);
    return this.#send(backend, request, request.params);
  }

  /**
   * A task from before a restart. Where callers are not told apart, each backend with tasks is asked, in name order, and
   * the one that has it remembered; where they are, it may be another one's.
   */
  async #findTask(request: PassedRequest, taskId: string): Promise<JsonObject> {
    const { principal } = request.caller;
    if (!isSamePrincipal(principal, anonymous)) throw unknownTask(taskId);
    for (const backend of this.#backends) {
      if (!backend.available || backend.info?.capabilities['tasks'] === undefined) continue;
      try {
        const result = await this.#send(backend, request, request.params);
        await this.#taskOwners.remember(taskId, {
          backend: backend.name,
          principal: principalKey(principal),
        });
        return result;
      } catch (error) {
        if (!isOwnFailure(error) || request.signal.aborted) throw error;
      }
    }
    throw unknownTask(taskId);
  }

  /** An extension goes to the only backend; with several, it cannot be told whose it is. */
  #extension(request: RequestOf<'extension'>): Promise<JsonObject> {
    const [only] = this.#backends;
    if (only === undefined || this.#backends.length > 1) throw notFound(request.name);
    return this.#send(only, request, request.params);
  }

  async #send(backend: Backend, request: PassedRequest, params: JsonObject): Promise<JsonObject> {
    const { caller, client, signal, trace, trail } = request;
    if (trail !== undefined) trail.backend = backend.name;
    const method = request.method === 'extension' ? request.name : request.method;
    const result = await backend.request({
      method,
      params,
      caller,
      client,
      signal,
      ...(trace === undefined ? {} : { trace }),
    });
    // The answer about an unknown task makes no owner of who asked.
    if (!request.method.startsWith('tasks/')) await this.remember(result, backend, caller);
    return result;
  }

  #rememberLink(block: JsonValue, backend: Backend): void {
    if (!isObject(block)) return;
    const resource = block['type'] === 'resource' ? block['resource'] : undefined;
    const uri =
      block['type'] === 'resource_link' ? block['uri'] : isObject(resource) ? resource['uri'] : undefined;
    if (typeof uri === 'string') this.#linkOwners.set(uri, backend);
  }
}

/** Tasks whose owner is not known are shown where callers are not told apart. */
function isListed(owner: TaskOwner | undefined, { principal, sessionId }: Caller): boolean {
  if (owner === undefined) return isSamePrincipal(principal, anonymous);
  if (owner.principal !== principalKey(principal)) return false;
  return owner.sessionId === undefined || owner.sessionId === sessionId;
}

/** A backend's error or silence, after which another one may be asked. */
function isOwnFailure(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof BackendError;
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(errorCodes.invalidParams, message);
}

function unknownTask(taskId: string): ProtocolError {
  return invalid(`Unknown task: ${taskId}`);
}

function notFound(method: string): ProtocolError {
  return new ProtocolError(errorCodes.methodNotFound, `no backend offers "${method}"`);
}
