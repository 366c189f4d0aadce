import type { Backend } from '../backend/backend.ts';
import type { ServerCapabilities } from '../request.ts';
import { isObject, type JsonObject, type JsonValue } from '../../protocol/index.ts';

/**
 * What the gateway offers: the union of what its backends offer. Tools are always offered, since backends may come
 * later; changes of lists are always told, since a backend that is lost changes them.
 */
export function unionOfCapabilities(backends: readonly Backend[]): ServerCapabilities {
  const union = backends.reduce<JsonObject>(
    (sum, { info }) => mergeObjects(sum, info?.capabilities ?? {}),
    {},
  );
  const offered: JsonObject = { ...union, tools: { ...objectAt(union, 'tools'), listChanged: true } };
  for (const name of ['prompts', 'resources']) {
    if (union[name] !== undefined) offered[name] = { ...objectAt(union, name), listChanged: true };
  }
  return offered;
}

/** What backends want a model to read, each under its name when there are several. */
export function joinInstructions(backends: readonly Backend[]): string | undefined {
  const texts = backends.flatMap(({ name, info }) => {
    const text = info?.instructions;
    return text === undefined ? [] : [{ name, text }];
  });
  const [only] = texts;
  if (only === undefined) return undefined;
  if (texts.length === 1) return only.text;
  return texts.map(({ name, text }) => `## ${name}\n\n${text}`).join('\n\n');
}

/** What a backend says of itself, for people and models. */
export interface BackendPresentation {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly instructions?: string;
}

/** What is known of each backend that has been connected. */
export function presentationsOf(backends: readonly Backend[]): BackendPresentation[] {
  return backends.map(({ name, info }) => {
    const text = (value: JsonValue | undefined): string | undefined =>
      typeof value === 'string' && value.trim() !== '' ? value : undefined;
    const title = text(info?.serverInfo?.['title']);
    const description = text(info?.serverInfo?.['description']);
    const { instructions } = info ?? {};
    return {
      name,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(instructions !== undefined && { instructions }),
    };
  });
}

function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
  const merged: JsonObject = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    if (isObject(before) && isObject(value)) merged[key] = mergeObjects(before, value);
    // Of two plain values the one that offers more counts, and else the first backend's.
    else if (before === undefined || before === false) merged[key] = value;
  }
  return merged;
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}
