import type { Caller, Gateway, GatewayEvent } from '../../gateway/index.ts';
import { contain, guarded, type OnDefect } from '../../lib/guarded.ts';
import { notificationText } from '../wire/jsonrpc.ts';
import type { Listens } from './stateless/listens.ts';
import type { Session } from './sessions/session.ts';
import { placesOf } from './exchange/sub-resources.ts';

/** Changes of one list within this time are told to clients as one. */
const quietMs = 50;

const listChanged = {
  toolsChanged: 'notifications/tools/list_changed',
  promptsChanged: 'notifications/prompts/list_changed',
  resourcesChanged: 'notifications/resources/list_changed',
} as const;

type ListChange = keyof typeof listChanged;

/** A change that clients have not been told of yet. */
interface DueNews {
  readonly timer: NodeJS.Timeout;
  /** A client is told when one of the changes concerns it. */
  readonly changes: Change[];
}

interface Change {
  /** When the list changed, by the endpoint's clock. */
  changedMs: number;
  readonly concerns: (caller: Caller) => boolean;
}

const everyCaller: Change['concerns'] = () => true;

/** Passes on what the gateway says of its own accord to the clients that it concerns. */
export class Broadcast {
  readonly #sessions: () => Iterable<Session>;
  readonly #listens: Listens;
  readonly #onToolsChanged: () => void;
  readonly #now: () => number;
  readonly #onDefect: OnDefect;
  readonly #due = new Map<ListChange, DueNews>();
  #unsubscribe: (() => void) | undefined;
  #gateway: Gateway | undefined;

  constructor(
    sessions: () => Iterable<Session>,
    listens: Listens,
    options: {
      readonly onToolsChanged: () => void;
      readonly now: () => number;
      readonly onDefect: OnDefect;
    },
  ) {
    this.#onToolsChanged = options.onToolsChanged;
    this.#now = options.now;
    this.#onDefect = options.onDefect;
    this.#sessions = sessions;
    this.#listens = listens;
  }

  /** Listens to this gateway from now on, and no more to the one before. */
  listenTo(gateway: Gateway): void {
    this.#unsubscribe?.();
    this.#gateway = gateway;
    this.#unsubscribe = gateway.subscribe((event) => this.#hear(event));
  }

  /**
   * Says that a list changed, soon: at once would be once for each backend. Who comes in between has only ever seen the
   * list as it is now, and is told nothing.
   * @param concerns false for callers who see no change
   */
  announce(change: ListChange, concerns: Change['concerns'] = everyCaller): void {
    if (change === 'toolsChanged') this.#onToolsChanged();
    const due = this.#due.get(change);
    const changedMs = this.#now();
    if (due !== undefined) {
      const same = due.changes.find((each) => each.concerns === concerns);
      if (same === undefined) due.changes.push({ changedMs, concerns });
      else same.changedMs = changedMs;
      return;
    }
    const tell = guarded('news of a list', this.#onDefect, () => this.#tellOf(change));
    const timer = setTimeout(tell, quietMs).unref();
    this.#due.set(change, { timer, changes: [{ changedMs, concerns }] });
  }

  #tellOf(change: ListChange): void {
    const { changes = [] } = this.#due.get(change) ?? {};
    this.#due.delete(change);
    const event: GatewayEvent = { type: change };
    const concerns = ({ openedMs, caller }: Pick<Session, 'openedMs' | 'caller'>): boolean =>
      changes.some((each) => openedMs <= each.changedMs && each.concerns(caller));
    this.#listens.hear(event, concerns);
    this.#tell(event, concerns);
  }

  close(): void {
    this.#unsubscribe?.();
    for (const { timer } of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  #hear(event: GatewayEvent): void {
    switch (event.type) {
      case 'toolsChanged':
      case 'promptsChanged':
      case 'resourcesChanged':
        if (event.sessionId === undefined && event.principal === undefined) return this.announce(event.type);
        if (event.type === 'toolsChanged') this.#onToolsChanged();
        this.#listens.hear(event);
        return this.#tell(event, (session) => isFor(session, event.sessionId));
      case 'resourceUpdated': {
        const places = placesOf(event.params.uri);
        this.#listens.hear(event);
        return this.#tell(event, ({ subscribedUris }) => places.some((place) => subscribedUris.has(place)));
      }
      case 'message': {
        const { params, sessionId } = event;
        return this.#tell(event, (session) => isFor(session, sessionId) && session.wantsLog(params['level']));
      }
      case 'notification':
        return this.#tell(event, (session) => isFor(session, event.sessionId));
    }
  }

  /**
   * Sends an event to each session that it concerns, as the funnel lets that session hear it. A client that cannot be
   * told keeps no other from being told.
   */
  #tell(event: GatewayEvent, concerns: (session: Session) => boolean): void {
    let text: string | undefined;
    // What came on one session's own connection, no other replica has heard.
    const isOwn = 'sessionId' in event && event.sessionId !== undefined;
    for (const session of this.#sessions()) {
      const outlet = session.outlet ?? (isOwn ? session.remoteOutlet : undefined);
      if (outlet === undefined || !concerns(session)) continue;
      contain('news for a session', this.#onDefect, () => {
        const heard = this.#gateway?.eventFor(event, session.caller);
        if (heard === undefined) return;
        outlet.offer(heard === event ? (text ??= toText(event)) : toText(heard));
      });
    }
  }
}

function toText(event: GatewayEvent): string {
  switch (event.type) {
    case 'toolsChanged':
    case 'promptsChanged':
    case 'resourcesChanged':
      return notificationText(listChanged[event.type]);
    case 'resourceUpdated':
      return notificationText('notifications/resources/updated', event.params);
    case 'message':
      return notificationText('notifications/message', event.params);
    case 'notification':
      return notificationText(event.method, event.params);
  }
}

/** Without a session id an event is for all. */
function isFor(session: Session, sessionId: string | undefined): boolean {
  return sessionId === undefined || sessionId === session.caller.sessionId;
}
