/**
 * The entities of `entitiesJson`, and how they meet those of a request: an attribute of the file beats one of the request,
 * and parents unite, so that no caller can talk away what the operator wrote.
 */
import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isObject, type JsonValue } from '../../../protocol/index.ts';
import type { EntityJson, Uid } from '../cedar/engine.ts';
import { isRecord } from '../cedar/expressions.ts';

/** An entity whose ids are all written in the same way. */
export interface Entity extends EntityJson {
  readonly uid: Uid;
  readonly parents: Uid[];
}

export class Entities {
  readonly #byUid = new Map<string, Entity>();
  /** Keys of the entities that an entity leads to. */
  readonly #references = new Map<string, readonly string[]>();

  /** @param written Cedar's JSON. @throws Error that says what was expected */
  constructor(written: string | undefined) {
    for (const entity of parse(written ?? '[]')) {
      const known = this.#byUid.get(keyOf(entity.uid));
      this.#byUid.set(keyOf(entity.uid), known === undefined ? entity : merge(known, entity));
    }
    for (const [key, entity] of this.#byUid) {
      this.#references.set(key, [
        ...entity.parents.map(keyOf),
        ...referencesIn(entity.attrs),
        ...referencesIn(entity.tags),
      ]);
    }
  }

  get all(): readonly Entity[] {
    return [...this.#byUid.values()];
  }

  get(uid: Uid): Entity | undefined {
    return this.#byUid.get(keyOf(uid));
  }

  /**
   * The entities of one question: those of the request, each as the file has it too, and those of the file that they or a
   * policy lead to.
   * @param named entities that policies name
   */
  with(request: readonly Entity[], named: readonly Uid[]): Entity[] {
    const found = new Map<string, Entity>();
    const due = named.map(keyOf);
    for (const entity of request) {
      const key = keyOf(entity.uid);
      const written = this.#byUid.get(key);
      found.set(key, written === undefined ? entity : merge(entity, written));
      due.push(...entity.parents.map(keyOf), ...(this.#references.get(key) ?? []));
    }
    for (let key = due.pop(); key !== undefined; key = due.pop()) {
      const entity = this.#byUid.get(key);
      if (entity === undefined || found.has(key)) continue;
      found.set(key, entity);
      due.push(...(this.#references.get(key) ?? []));
    }
    return [...found.values()];
  }
}

export function keyOf({ type, id }: Uid): string {
  return `${type}::${JSON.stringify(id)}`;
}

/** The later one's attributes win. */
function merge(one: Entity, other: Entity): Entity {
  const parents = new Map([...one.parents, ...other.parents].map((uid) => [keyOf(uid), uid]));
  return {
    uid: one.uid,
    attrs: { ...one.attrs, ...other.attrs },
    parents: [...parents.values()],
    tags: { ...one.tags, ...other.tags },
  };
}

function parse(written: string): Entity[] {
  let value: JsonValue;
  try {
    value = JSON.parse(written) as JsonValue;
  } catch (cause) {
    throw new Error('expected a list of entities in JSON', { cause });
  }
  if (!Array.isArray(value))
    throw new Error('expected a list of entities, such as [{"uid": {…}, "attrs": {}, "parents": []}]');
  return value.map((each, index) => toEntity(each, index));
}

function toEntity(value: JsonValue, index: number): Entity {
  const where = `entity ${index + 1}`;
  if (!isObject(value)) throw new Error(`${where}: expected an object`);
  const { uid, attrs = {}, parents = [], tags = {} } = value;
  if (!isObject(attrs) || !isObject(tags)) throw new Error(`${where}: expected "attrs" to be an object`);
  if (!Array.isArray(parents)) throw new Error(`${where}: expected "parents" to be a list`);
  return {
    uid: toUid(uid, `${where}: "uid"`),
    attrs: attrs as Record<string, CedarValueJson>,
    parents: parents.map((parent) => toUid(parent, `${where}: "parents"`)),
    tags: tags as Record<string, CedarValueJson>,
  };
}

function toUid(value: unknown, what: string): Uid {
  const inner = isRecord(value) && isRecord(value['__entity']) ? value['__entity'] : value;
  if (isRecord(inner)) {
    const { type, id } = inner;
    if (typeof type === 'string' && typeof id === 'string') return { type, id };
  }
  throw new Error(`${what}: expected {"type": "…", "id": "…"}, found ${JSON.stringify(value)}`);
}

/** Keys of entities that a value refers to. */
function referencesIn(value: CedarValueJson | undefined): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  const { __entity: reference, ...rest } = value as Record<string, CedarValueJson>;
  const inner = Object.values(rest).flatMap(referencesIn);
  return reference === undefined ? inner : [keyOf(toUid(value, 'a reference')), ...inner];
}
