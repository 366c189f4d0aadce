/**
 * Backends that no file lists. Today they are found in Kubernetes: `kubernetes/` follows the API server. What is found is
 * told in the words of a configuration file, so that `config` holds it to the rules of the file; nothing here connects
 * to a backend.
 */
export type { FoundBackend, SkippedBackend } from './kubernetes/candidate.ts';
export { KubernetesDiscovery, type DiscoveryStatus, type FoundGroup } from './kubernetes/discovery.ts';
export { HttpKubernetesApi } from './kubernetes/http-api.ts';
export { surroundingsOf } from './kubernetes/surroundings.ts';
