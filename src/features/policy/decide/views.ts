/**
 * What callers are shown. Decisions are kept by caller and list, so that a list costs nothing the second time; making one
 * never holds the event loop for long.
 */
import { setImmediate } from 'node:timers/promises';
import type { Principal } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { Subject, Target } from '../model/subject.ts';
import type { Decision, PolicySet } from './policies.ts';

/** Callers whose decisions are kept; the one that was quiet for longest goes. */
const maxCallers = 1_000;

/** Decisions that are kept of one caller. */
const maxDecisions = 20_000;

/** How long decisions are made in one go, in milliseconds. */
const sliceMs = 4;

/** Finds what an entry of a list is; undefined for one that every caller is shown. */
export type TargetOf<Entry> = (entry: Entry) => Target | undefined;

interface View {
  readonly subject: Subject;
  /** By kind, name, backend and hints: what a decision without arguments depends on. */
  readonly shown: Map<string, boolean>;
  /** Decisions on calls, where no policy reads arguments. */
  readonly calls: Map<string, Decision>;
  readonly lists: WeakMap<readonly JsonObject[], Promise<JsonObject[]>>;
}

interface KeyedSubject {
  readonly key: string;
  readonly subject: Subject;
}

export class Views {
  readonly #policies: PolicySet;
  /** By issuer and by what policies see of a caller; the order is that of their last use. */
  readonly #views = new Map<string, View>();
  readonly #subjects = new WeakMap<Principal, KeyedSubject>();
  readonly #now: () => number;

  constructor(policies: PolicySet, now: () => number = () => performance.now()) {
    this.#policies = policies;
    this.#now = now;
  }

  /** Whether a caller may do this with these arguments. */
  decide(principal: Principal, target: Target, args: JsonObject): Decision {
    const { subject, calls } = this.#viewOf(principal);
    if (this.#policies.readsArguments) return this.#policies.decide(subject, target, args);
    return remembered(calls, keyOf(target), () => this.#policies.decide(subject, target, args));
  }

  /** Whether it is shown to a caller. */
  isShown(principal: Principal, target: Target): boolean {
    return this.#isShown(this.#viewOf(principal), target);
  }

  /**
   * The entries that a caller is shown. The same list gives the same array, so that what others made of it can be kept; the
   * list itself where all of it is shown.
   */
  filter<Entry extends JsonObject>(
    principal: Principal,
    list: Entry[],
    targetOf: TargetOf<Entry>,
  ): Promise<Entry[]> {
    const view = this.#viewOf(principal);
    let made = view.lists.get(list);
    if (made === undefined) {
      made = this.#filter(view, list, targetOf);
      view.lists.set(list, made);
      made.catch(() => view.lists.delete(list));
    }
    return made as Promise<Entry[]>;
  }

  async #filter<Entry extends JsonObject>(
    view: View,
    list: Entry[],
    targetOf: TargetOf<Entry>,
  ): Promise<Entry[]> {
    const shown: Entry[] = [];
    let untilMs = this.#now() + sliceMs;
    for (const entry of list) {
      const target = targetOf(entry);
      if (target === undefined || this.#isShown(view, target)) shown.push(entry);
      if (this.#now() < untilMs) continue;
      await setImmediate();
      untilMs = this.#now() + sliceMs;
    }
    return shown.length === list.length ? list : shown;
  }

  #isShown({ subject, shown }: View, target: Target): boolean {
    return remembered(shown, keyOf(target), () => this.#policies.decideForList(subject, target).allowed);
  }

  #viewOf(principal: Principal): View {
    const { key, subject } = this.#subjectOf(principal);
    const known = this.#views.get(key);
    if (known !== undefined) this.#views.delete(key);
    const view = known ?? { subject, shown: new Map(), calls: new Map(), lists: new WeakMap() };
    this.#views.set(key, view);
    if (this.#views.size > maxCallers) {
      const [oldest] = this.#views.keys();
      if (oldest !== undefined) this.#views.delete(oldest);
    }
    return view;
  }

  /** A renewed token is the same caller where what policies read of it is the same. */
  #subjectOf(principal: Principal): KeyedSubject {
    let keyed = this.#subjects.get(principal);
    if (keyed === undefined) {
      const subject = this.#policies.subjectOf(principal);
      keyed = { key: JSON.stringify([principal.issuer, subject.entity]), subject };
      this.#subjects.set(principal, keyed);
    }
    return keyed;
  }
}

function remembered<Value>(kept: Map<string, Value>, key: string, make: () => Value): Value {
  let value = kept.get(key);
  if (value === undefined) {
    if (kept.size >= maxDecisions) kept.clear();
    value = make();
    kept.set(key, value);
  }
  return value;
}

function keyOf({ kind, name, backend, entry }: Target): string {
  return JSON.stringify([kind, name, backend, entry?.['annotations']]);
}
