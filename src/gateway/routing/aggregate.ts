import { didYouMean } from '../../lib/near-miss.ts';
import type { Backend, BackendEvent, BackendStatus, Catalogue } from '../backend/backend.ts';
import { BackendError } from '../backend/backend.ts';
import {
  type BackendPresentation,
  joinInstructions,
  presentationsOf,
  unionOfCapabilities,
} from '../catalogue/capabilities.ts';
import type { Caller } from '../caller.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../protocol/index.ts';
import type { GatewayEvent, RequestSource } from '../gateway.ts';
import type { Ask, Place, Places, Request, Result, Tool, ToolCall, ToolResult } from '../request.ts';
import type { Merged, Route, ToolOrigin } from '../catalogue/merge.ts';
import { merge } from '../catalogue/merge.ts';
import type { NameStrategy } from '../catalogue/names.ts';
import { defaultPrefixFormat } from '../catalogue/names.ts';
import { defectIn, type OnDefect, tellEach } from '../../lib/guarded.ts';
import { stackOf } from '../../lib/thrown.ts';
import { OwnTaskOwners, type TaskOwners } from './task-owners.ts';
import { PassedRequests } from './passed-requests.ts';
import { SessionViews } from '../catalogue/session-views.ts';
import type { WorkloadTools } from '../catalogue/tool-view.ts';

export interface AggregateOptions {
  /** `prefix` with `{workload}_` when not given. */
  readonly strategy?: NameStrategy;
  readonly tools?: readonly WorkloadTools[];
  readonly excludeAllTools?: boolean;
  readonly defaultToolVisibility?: 'allow' | 'deny';
  /** Names of the gateway's own tools (`ToolProvider.names`): a backend's tool of such a name is left out, loudly. */
  readonly reservedNames?: readonly string[];
  /**
   * How long, after its making or after lazy backends were woken, the first lists wait for backends that are still
   * connecting. 5 s when not given.
   */
  readonly startupWaitMs?: number;
  /** Whose tasks are whose; of this aggregate alone when not given. */
  readonly taskOwners?: TaskOwners;
  readonly onLog: (entry: { readonly level: 'warn' | 'error'; readonly message: string }) => void;
  readonly now?: () => number;
}

/** All backends as the one place where requests end. */
export interface Aggregate extends RequestSource {
  /** Each backend as it stands, in name order. */
  status(): BackendStatus[];
  /** How many tools clients are listed. Waits as a list does, but wakes no lazy backend. */
  toolCount(): Promise<number>;
  /** The names of those that are known now, in order. Waits for nothing and wakes no backend. */
  toolNames(): readonly string[];
  /**
   * Each tool that backends are known to offer, shown or not; the same array until something changes. Waits for nothing
   * and wakes no backend.
   */
  toolOrigins(): readonly ToolOrigin[];
  /** What each backend says of itself, as far as it is known, in name order. */
  presentations(): readonly BackendPresentation[];
  /** Those tools, in order of their names; the same array until one changes. Waits for nothing and wakes no backend. */
  tools(): readonly Tool[];
  /** Stops listening to the backends, which it does not own and does not close. */
  detach(): void;
}

/** Makes one of many backends: names, lists and routes. The outcome does not depend on the order of `backends`. */
export function aggregate(backends: readonly Backend[], options: AggregateOptions): Aggregate {
  return new AggregateGateway(backends, options);
}

class AggregateGateway implements Aggregate {
  readonly #backends: readonly Backend[];
  /** Those that each caller meets with a credential of its own. */
  readonly #perCaller: readonly Backend[];
  readonly #options: AggregateOptions;
  readonly #now: () => number;
  /** When the backends that are waited for began to connect. */
  #startedAt: number;
  readonly #passed: PassedRequests;
  readonly #sessions: SessionViews;
  readonly #listeners = new Set<(event: GatewayEvent) => void>();
  readonly #unsubscribe: (() => void)[];
  readonly #reported = new Set<string>();
  #merged: Merged | undefined;
  #isStarting = true;
  readonly #onDefect: OnDefect = (thrown, where) =>
    this.#options.onLog({ level: 'error', message: `${defectIn(where)}: ${stackOf(thrown)}` });

  constructor(backends: readonly Backend[], options: AggregateOptions) {
    this.#backends = [...backends].sort((left, right) => (left.name < right.name ? -1 : 1));
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
    this.#passed = new PassedRequests(
      this.#backends,
      (caller) => this.#viewOf(caller),
      options.taskOwners ?? new OwnTaskOwners(),
    );
    this.#perCaller = this.#backends.filter(({ callerLists }) => callerLists !== undefined);
    this.#sessions = new SessionViews(this.#perCaller, (catalogueOf) => this.#merge(catalogueOf));
    this.#unsubscribe = this.#backends.map((backend) => backend.subscribe((event) => this.#onEvent(event)));
  }

  readonly ask: Ask = (request: Request) => this.#answer(request);

  async #answer(request: Request): Promise<Result> {
    if (request.method === 'tools/call') return this.#callTool(request);
    if (this.#isStarting) await this.#started();
    if (!this.#knows(request.caller)) await this.#learn(request.caller);
    switch (request.method) {
      case 'tools/list':
        return this.#viewOf(request.caller).tools as Tool[];
      case 'resources/list':
        return this.#viewOf(request.caller).resources as JsonObject[];
      case 'resources/templates/list':
        return this.#viewOf(request.caller).resourceTemplates as JsonObject[];
      case 'prompts/list':
        return this.#viewOf(request.caller).prompts as JsonObject[];
      case 'describe': {
        const capabilities = unionOfCapabilities(this.#backends);
        const instructions = joinInstructions(this.#backends);
        return instructions === undefined ? { capabilities } : { capabilities, instructions };
      }
      case 'locate':
        return this.#locate(request.caller);
      default:
        return this.#passed.request(request);
    }
  }

  #locate(caller: Caller): Places {
    const { toolRoutes, promptRoutes } = this.#viewOf(caller);
    return {
      tool: (name) => placeOf(toolRoutes.get(name)),
      prompt: (name) => placeOf(promptRoutes.get(name)),
      resource: (uri) => this.#passed.backendsFor(caller, uri),
    };
  }

  async #callTool(call: ToolCall): Promise<ToolResult> {
    if (call.fault !== undefined) throw new ProtocolError(errorCodes.invalidParams, call.fault);
    if (!this.#knows(call.caller)) {
      if (this.#isStarting) await this.#started();
      await this.#learn(call.caller);
    }
    let route = this.#viewOf(call.caller).toolRoutes.get(call.name);
    if (this.#isStarting && (route === undefined || this.#someSleep)) {
      await this.#started();
      route = this.#viewOf(call.caller).toolRoutes.get(call.name);
    }
    if (route === undefined) throw this.#unknownTool(call);
    const { backend, name } = route;
    if (call.ran !== undefined) call.ran.tool = call.name;
    if (call.trail !== undefined) call.trail.backend = backend.name;
    const params = name === call.name ? call.params : { ...call.params, name };
    const { caller, client, signal, trace, unreadTexts = false } = call;
    try {
      const request = {
        method: 'tools/call',
        params,
        shownAs: call.name,
        caller,
        client,
        signal,
        unreadTexts,
      };
      const result = await backend.request(trace === undefined ? request : { ...request, trace });
      const noted = this.#passed.remember(result, backend, caller);
      if (noted !== undefined) await noted;
      return result;
    } catch (error) {
      if (error instanceof BackendError) return toErrorResult(error);
      throw error;
    }
  }

  subscribe(listener: (event: GatewayEvent) => void): () => void {
    // What the first change that it hears of is a change from.
    this.#current();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async endSession(sessionId: string): Promise<void> {
    this.#sessions.end(sessionId);
    await Promise.all(this.#backends.map((backend) => backend.endSession(sessionId)));
  }

  status(): BackendStatus[] {
    return this.#backends.map((backend) => backend.status());
  }

  async toolCount(): Promise<number> {
    if (this.#isStarting) await this.#settled();
    return this.#current().tools.length;
  }

  toolNames(): readonly string[] {
    return this.#current().tools.map(({ name }) => name);
  }

  toolOrigins(): readonly ToolOrigin[] {
    return this.#current().toolOrigins;
  }

  presentations(): readonly BackendPresentation[] {
    return presentationsOf(this.#backends);
  }

  tools(): readonly Tool[] {
    return this.#current().tools;
  }

  detach(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listeners.clear();
  }

  get #someSleep(): boolean {
    return this.#backends.some(({ asleep }) => asleep);
  }

  /** Before a client sees or uses any name: each backend has a say in what the names are, so that all must be awake. */
  async #started(): Promise<void> {
    if (this.#someSleep) {
      this.#startedAt = this.#now();
      for (const backend of this.#backends) backend.wake();
    }
    await this.#settled();
    this.#isStarting = false;
  }

  #knows(caller: Caller): boolean {
    return this.#perCaller.every(({ callerLists }) => callerLists?.isKnown(caller) !== false);
  }

  /** Waits for what a caller alone is offered, but no longer than start-up may take. */
  #learn(caller: Caller): Promise<void> {
    const learning = this.#perCaller.flatMap(({ callerLists }) => callerLists?.learn(caller) ?? []);
    return within(this.#options.startupWaitMs ?? defaultWaitMs, learning);
  }

  /** Waits until every backend has made its first attempt, but no longer than start-up may take. */
  async #settled(): Promise<void> {
    const leftMs = (this.#options.startupWaitMs ?? defaultWaitMs) - (this.#now() - this.#startedAt);
    if (leftMs <= 0) return;
    await within(
      leftMs,
      this.#backends.map((backend) => backend.settled()),
    );
  }

  #current(): Merged {
    this.#merged ??= this.#merge((backend) => backend.catalogue);
    return this.#merged;
  }

  #viewOf(caller: Caller): Merged {
    return this.#sessions.of(caller) ?? this.#current();
  }

  #merge(catalogueOf: (backend: Backend) => Catalogue): Merged {
    const { strategy, tools, excludeAllTools, defaultToolVisibility, reservedNames, onLog } = this.#options;
    const merged = merge(this.#backends, {
      strategy: strategy ?? { kind: 'prefix', prefixFormat: defaultPrefixFormat },
      tools: tools ?? [],
      excludeAllTools: excludeAllTools ?? false,
      defaultToolVisibility: defaultToolVisibility ?? 'allow',
      reservedNames: new Set(reservedNames),
      catalogueOf,
    });
    for (const message of merged.problems) {
      if (this.#reported.has(message)) continue;
      this.#reported.add(message);
      onLog({ level: 'warn', message });
    }
    return merged;
  }

  #unknownTool({ name, caller }: ToolCall): ProtocolError {
    const hint = didYouMean(name, this.#viewOf(caller).toolRoutes.keys());
    return new ProtocolError(
      errorCodes.invalidParams,
      `Unknown tool: ${name}${hint === '' ? '' : `.${hint}`}`,
    );
  }

  #onEvent(event: BackendEvent): void {
    switch (event.type) {
      case 'changed':
        if (event.principal !== undefined)
          return this.#emit({ type: `${event.listing}Changed`, principal: event.principal });
        if (event.sessionId !== undefined) return this.#changedFor(event.sessionId, event.listing);
        return this.#remerge();
      case 'status':
        return this.#remerge();
      case 'notification':
        if (event.method === 'notifications/message') {
          const { method: _, ...rest } = event;
          return this.#emit({ ...rest, type: 'message' });
        }
        return this.#emit(this.#addressed(event));
      case 'resourceUpdated':
        return this.#emit(event);
    }
  }

  /** How a task fares is told to the session that it was made for, also where all sessions share a connection. */
  #addressed(event: Extract<BackendEvent, { type: 'notification' }>): GatewayEvent {
    if (event.sessionId !== undefined || event.method !== 'notifications/tasks/status') return event;
    const sessionId = this.#passed.sessionOfTask(event.params['taskId']);
    return sessionId === undefined ? event : { ...event, sessionId };
  }

  /** Clients hear of a change only when what they see has changed. */
  #remerge(): void {
    const before = this.#merged;
    this.#merged = undefined;
    this.#sessions.allChanged();
    if (before === undefined || this.#listeners.size === 0) return;
    const after = this.#current();
    if (!isSame(before.tools, after.tools)) this.#emit({ type: 'toolsChanged' });
    if (!isSame(before.prompts, after.prompts)) this.#emit({ type: 'promptsChanged' });
    const sameResources = isSame(before.resources, after.resources);
    if (!sameResources || !isSame(before.resourceTemplates, after.resourceTemplates)) {
      this.#emit({ type: 'resourcesChanged' });
    }
  }

  #changedFor(sessionId: string, listing: 'tools' | 'prompts' | 'resources'): void {
    if (this.#backends.some((backend) => backend.catalogueOf(sessionId) !== undefined)) {
      this.#sessions.changed(sessionId);
    } else {
      this.#sessions.end(sessionId);
    }
    this.#emit({ type: `${listing}Changed`, sessionId });
  }

  #emit(event: GatewayEvent): void {
    tellEach('news of the gateway', this.#onDefect, this.#listeners, event);
  }
}

function placeOf(route: Route | undefined): Place | undefined {
  return route === undefined ? undefined : { backend: route.backend.name, entry: route.entry };
}

const defaultWaitMs = 5_000;

/** Waits for all of this, or until the time is up. */
async function within(limitMs: number, waited: readonly Promise<void>[]): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, limitMs);
  await Promise.race([Promise.all(waited), timeUp.promise]);
  clearTimeout(timer);
}

/** A backend's silence is told to the model as the tool's own failure, so that it can read why and do something else. */
function toErrorResult(error: BackendError): ToolResult {
  return { content: [{ type: 'text', text: `Tool call failed: ${error.message}` }], isError: true };
}

function isSame(before: readonly JsonObject[], after: readonly JsonObject[]): boolean {
  return before.length === after.length && JSON.stringify(before) === JSON.stringify(after);
}
