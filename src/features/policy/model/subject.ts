/** Callers and what they ask for, as Cedar's entities: ToolHive's model, so that its policies mean the same. */
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { isObject } from '../../../protocol/index.ts';
import type { Principal } from '../../../gateway/index.ts';
import { claimAttributes, type Attributes, type Wanted } from './values.ts';
import type { Uid } from '../cedar/engine.ts';
import type { Entity } from './entities.ts';

/** Who holds an API key (`features/auth/incoming/api-keys.ts`). */
export const apiKeyIssuer = 'vmcp:apiKeys';

export const defaultGroupType = 'THVGroup';

export interface SubjectOptions {
  readonly groupClaimName?: string | undefined;
  readonly roleClaimName?: string | undefined;
  readonly groupEntityType?: string | undefined;
}

/** A caller, as policies see it. */
export interface Subject {
  readonly entity: Entity;
  /** In the context of each question, too. */
  readonly claims: Attributes;
}

/** @param wanted names of attributes that some policy reads */
export function subjectOf(principal: Principal, options: SubjectOptions, wanted: Wanted): Subject {
  const { issuer, subject, claims } = principal;
  const attributes = claimAttributes({ sub: subject, ...claims }, wanted);
  const type = options.groupEntityType ?? defaultGroupType;
  const parents = groupsOf(principal, options).map((id): Uid => ({ type, id }));
  const uid = { type: issuer === apiKeyIssuer ? 'ApiKey' : 'Client', id: subject };
  return { entity: { uid, attrs: attributes, parents }, claims: attributes };
}

/** The groups of the claim that the options name, or those that the principal has; and the roles. */
export function groupsOf(
  { claims, groups }: Principal,
  { groupClaimName, roleClaimName }: SubjectOptions,
): string[] {
  const named = textsAt(claims, groupClaimName) ?? groups;
  return [...new Set([...named, ...(textsAt(claims, roleClaimName) ?? [])])];
}

/** A claim by its whole name or, where there is none, by a path with dots. Undefined where it holds no list. */
function textsAt(claims: JsonObject, path: string | undefined): string[] | undefined {
  if (path === undefined) return undefined;
  const found = Object.hasOwn(claims, path)
    ? claims[path]
    : path
        .split('.')
        .reduce<JsonValue | undefined>(
          (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
          claims,
        );
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : undefined;
}

export const kinds = ['tool', 'prompt', 'resource'] as const;
export type Kind = (typeof kinds)[number];

/** What each kind is called in Cedar, and what is done with it. */
export const kindTable = {
  tool: { type: 'Tool', action: 'call_tool', operation: 'call', denied: 'call' },
  prompt: { type: 'Prompt', action: 'get_prompt', operation: 'get', denied: 'prompt' },
  resource: { type: 'Resource', action: 'read_resource', operation: 'read', denied: 'read' },
} as const satisfies Record<Kind, object>;

/** A tool, a prompt or a resource that somebody wants to use. */
export interface Target {
  readonly kind: Kind;
  /** As clients see it; of a resource or template its URI. */
  readonly name: string;
  /** Absent for a tool of the gateway's own. */
  readonly backend?: string | undefined;
  /** As it stands in a list, where it does. */
  readonly entry?: JsonObject | undefined;
}

/** Hints of a tool that are attributes where they are set. */
export const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** @param args attributes that the arguments make */
export function targetEntity(
  { kind, name, backend, entry }: Target,
  serverName: string,
  args: Attributes,
): Entity {
  const { type, operation } = kindTable[kind];
  return {
    uid: { type, id: name },
    attrs: {
      ...(kind === 'tool' ? hintsOf(entry) : {}),
      ...args,
      name,
      ...(kind === 'resource' ? { uri: name } : {}),
      operation,
      feature: kind,
    },
    parents: [
      { type: 'MCP', id: serverName },
      ...(backend === undefined ? [] : [{ type: 'Backend', id: backend }]),
    ],
  };
}

function hintsOf(entry: JsonObject | undefined): Attributes {
  const annotations = entry?.['annotations'];
  if (!isObject(annotations)) return {};
  return Object.fromEntries(
    hints.flatMap((hint): [string, boolean][] => {
      const value = annotations[hint];
      return typeof value === 'boolean' ? [[hint, value]] : [];
    }),
  );
}
