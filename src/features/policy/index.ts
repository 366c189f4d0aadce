/**
 * What callers may do: policies in Cedar, with ToolHive's entities. A stage decides about every request of a client and of
 * a script; lists show what a caller may use. It finds out nothing about who calls: that is `features/auth`.
 */
export { checkOptions, policyCode } from './code.ts';
export { createExplainer, principalOfApiKey, principalOfClaims } from './explain/explain.ts';
export type { Access, Explainer, Explanation, NamedPolicy } from './explain/explain.ts';
export type { PolicyOptions } from './declaration.ts';
