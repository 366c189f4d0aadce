/** The policies of one configuration, ready to decide. */
import type { Principal } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type {
  Engine,
  PolicyFault,
  PolicyJson,
  PolicySchema,
  PolicySlots,
  Verdict,
  Uid,
} from '../cedar/engine.ts';
import { readingOf, type Reading } from '../cedar/expressions.ts';
import { withoutArguments, withWorstArguments } from '../cedar/without-arguments.ts';
import type { Entities, Entity } from '../model/entities.ts';
import {
  defaultGroupType,
  kindTable,
  subjectOf,
  targetEntity,
  type Subject,
  type SubjectOptions,
  type Target,
} from '../model/subject.ts';
import { argumentAttributes } from '../model/values.ts';
import type { WrittenPolicy } from './sources.ts';

/** Whether something may be done, and what says so. */
export interface Decision {
  readonly allowed: boolean;
  /** Ids of the policies that decided; empty where no policy permits it. */
  readonly reasons: readonly string[];
  /** Those that could not be evaluated, by their ids, with why. A forbid among them denies. */
  readonly errors: ReadonlyMap<string, string>;
}

export interface PolicySetOptions extends SubjectOptions {
  readonly serverName: string;
  readonly entities: Entities;
}

/** A policy as written and as data. */
export interface ParsedPolicy extends WrittenPolicy {
  readonly json: PolicyJson;
}

export class PolicySet {
  readonly policies: readonly ParsedPolicy[];
  /** Those of the configuration. */
  readonly entities: Entities;
  readonly serverName: string;
  readonly #engine: Engine;
  readonly #slots: PolicySlots;
  readonly #options: SubjectOptions;
  readonly #reading: Reading;
  readonly #forbids: ReadonlySet<string>;
  /** Names of the policies as written, and of those for lists. */
  readonly #calls: string;
  readonly #lists: string;

  /** @throws CedarError where the policies contradict each other's ids or are no policies */
  constructor(
    policies: readonly ParsedPolicy[],
    engine: Engine,
    slots: PolicySlots,
    options: PolicySetOptions,
  ) {
    const { serverName, entities, ...rest } = options;
    this.policies = policies;
    this.entities = entities;
    this.serverName = serverName;
    this.#engine = engine;
    this.#slots = slots;
    this.#options = rest;
    this.#reading = readingOf(policies.map(({ json }) => json));
    this.#forbids = new Set(policies.filter(({ json }) => json.effect === 'forbid').map(({ id }) => id));
    this.#calls = slots.take();
    this.#lists = slots.take();
    engine.keep(this.#calls, Object.fromEntries(policies.map(({ id, text }) => [id, text])));
    engine.keep(
      this.#lists,
      Object.fromEntries(policies.map(({ id, json }) => [id, withoutArguments(json)])),
    );
  }

  /** True where the arguments of a call can make a difference. */
  get readsArguments(): boolean {
    return this.#reading.readsArguments;
  }

  /** @param moreGroups to see what a caller could do in them */
  subjectOf(principal: Principal, moreGroups: readonly string[] = []): Subject {
    const { entity, claims } = subjectOf(principal, this.#options, this.#reading.wanted);
    const parents = [...entity.parents, ...moreGroups.map((id) => ({ type: this.groupType, id }))];
    return { entity: { ...entity, parents }, claims };
  }

  /** Whether this caller may use this with these arguments. */
  decide(subject: Subject, target: Target, args: JsonObject): Decision {
    return this.#decide(this.#calls, subject, target, args);
  }

  /** Whether this caller may use this with some arguments: then it is shown. */
  decideForList(subject: Subject, target: Target): Decision {
    return this.#decide(this.#lists, subject, target, {});
  }

  /** Whether this caller may use this whatever the arguments. For people who ask, not for requests. */
  decideForEveryCall(subject: Subject, target: Target): Decision {
    const name = this.#slots.take();
    this.#engine.keep(
      name,
      Object.fromEntries(this.policies.map(({ id, json }) => [id, withWorstArguments(json)])),
    );
    const decision = this.#decide(name, subject, target, {});
    this.#slots.give(name);
    return decision;
  }

  /** Groups that policies or entities name, in order. */
  get groupsNamed(): string[] {
    const written = this.entities.all.flatMap(({ uid, parents }) => [uid, ...parents]);
    const groups = [...this.#reading.named, ...written].filter(({ type }) => type === this.groupType);
    return [...new Set(groups.map(({ id }) => id))].toSorted();
  }

  /** Callers that policies name. */
  get principalsNamed(): Uid[] {
    return this.#reading.named.filter(({ type }) => type === 'Client' || type === 'ApiKey');
  }

  /** The type of entities that groups are. */
  get groupType(): string {
    return this.#options.groupEntityType ?? defaultGroupType;
  }

  /** What a schema has against one of these policies. */
  validate(schema: PolicySchema, { id, text }: WrittenPolicy): readonly PolicyFault[] {
    return this.#engine.validate(schema, { [id]: text });
  }

  /** Lets the engine use the room for others. Nothing may be decided any more. */
  close(): void {
    this.#slots.give(this.#calls);
    this.#slots.give(this.#lists);
  }

  #decide(policies: string, { entity, claims }: Subject, target: Target, written: JsonObject): Decision {
    const args = argumentAttributes(written, this.#reading.wanted);
    const resource: Entity = targetEntity(target, this.serverName, args);
    const verdict = this.#engine.decide(policies, {
      principal: entity.uid,
      action: { type: 'Action', id: kindTable[target.kind].action },
      resource: resource.uid,
      context: { ...claims, ...args },
      entities: this.entities.with([entity, resource], this.#reading.named),
    });
    return this.#decisionOf(verdict);
  }

  /** Cedar leaves out a policy that it cannot evaluate. A permit left out permits nothing; a forbid would forbid nothing. */
  #decisionOf({ allow, reasons, errors }: Verdict): Decision {
    const broken = [...errors.keys()].filter((id) => this.#forbids.has(id));
    if (!allow || broken.length === 0) return { allowed: allow, reasons, errors };
    return { allowed: false, reasons: broken, errors };
  }
}
