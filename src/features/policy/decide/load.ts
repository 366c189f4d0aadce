import type { PolicySlots } from '../cedar/engine.ts';
import type { PolicyOptions } from '../declaration.ts';
import { Entities } from '../model/entities.ts';
import { PolicySet } from './policies.ts';
import { parseSources, type PolicySource } from './sources.ts';

/**
 * Makes policies ready to decide. The first time the engine is loaded, and warmed by a decision.
 * @throws SourceError for a text that holds no policies; Error for entities that are none
 */
export async function loadPolicies(
  sources: readonly PolicySource[],
  options: PolicyOptions,
  { slots, serverName }: { readonly slots: PolicySlots; readonly serverName: string },
): Promise<PolicySet> {
  const entities = new Entities(options.entitiesJson);
  const engine = await slots.engine();
  engine.assertEntities(entities.all);
  const { groupClaimName, roleClaimName, groupEntityType } = options;
  const policies = new PolicySet(parseSources(sources, engine), engine, slots, {
    serverName,
    entities,
    groupClaimName,
    roleClaimName,
    groupEntityType,
  });
  const principal = { issuer: '', subject: '', claims: {}, groups: [], scopes: [] };
  policies.decide(policies.subjectOf(principal), { kind: 'tool', name: '' }, {});
  return policies;
}
