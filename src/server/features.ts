/** The features that there are, by their declarations alone. Adding one is a folder and a line here. */
import { createAuthFeature } from '../features/auth/declaration.ts';
import { auditFeature } from '../features/audit/declaration.ts';
import { codeModeFeature } from '../features/code-mode/declaration.ts';
import { consoleFeature } from '../features/console/declaration.ts';
import type { Feature } from '../features/feature.ts';
import { policyFeature } from '../features/policy/declaration.ts';
import { rateLimitFeature } from '../features/rate-limit/declaration.ts';
import { declarations, type Declaration } from '../telemetry/index.ts';

export const features = [
  createAuthFeature(policyFeature.schema),
  policyFeature,
  auditFeature,
  rateLimitFeature,
  codeModeFeature,
  consoleFeature,
] as const;

/** A feature whose own types do not matter: what it is given is what its own schema made. */
// oxlint-disable-next-line typescript/no-explicit-any -- a list of features of different types; each meets its own alone
export type AnyFeature = Feature<string, any, any, any>;

/** The blocks that features add to a Config. */
export type FeatureBlocks = {
  readonly [
    Each in Exclude<(typeof features)[number], { within: string }> as Each['key']
  ]: Each extends Feature<string, infer Options, infer _D, infer _K> ? Options : never;
};

/** A feature's block in a configuration. */
export function optionsOf({ key, within }: AnyFeature, config: object): unknown {
  const blocks = config as Readonly<Record<string, unknown>>;
  if (within === undefined) return blocks[key];
  return (blocks[within] as Readonly<Record<string, unknown>> | undefined)?.[key];
}

/** Every metric of the server: the gateway's own and those of features. */
export function allDeclarations(): Declaration[] {
  const own: readonly AnyFeature[] = features;
  return [
    ...Object.values(declarations),
    ...own.flatMap(({ metrics }) => Object.values<Declaration>(metrics)),
  ];
}
