import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';

const volumeKinds = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * What a pod breaks of Kubernetes' restricted standard, one line each; empty when it may run under it.
 * Beyond the standard its root must be read-only. https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function restrictedBreaches(pod: PodSpec): string[] {
  const { securityContext: security = {} } = pod;
  const containers = [...pod.containers, ...(pod.initContainers ?? [])];
  return [
    ...(['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((key) => pod[key] === true),
    ...(security.sysctls ?? []).map(({ name }) => `sysctl ${name}`),
    ...(pod.volumes ?? []).flatMap((volume) =>
      Object.keys(volume).filter((key) => key !== 'name' && !volumeKinds.includes(key)),
    ),
    ...containers.flatMap((container) => containerBreaches(container, security)),
  ];
}

function containerBreaches(container: Container, pod: NonNullable<PodSpec['securityContext']>): string[] {
  const { securityContext: own = {} } = container;
  const { add = [], drop = [] } = own.capabilities ?? {};
  const seccomp = (own.seccompProfile ?? pod.seccompProfile)?.type ?? '';
  const rules: readonly [rule: string, isKept: boolean][] = [
    ['runAsNonRoot', (own.runAsNonRoot ?? pod.runAsNonRoot) === true],
    ['runAsUser', (own.runAsUser ?? pod.runAsUser) !== 0],
    ['seccompProfile', ['RuntimeDefault', 'Localhost'].includes(seccomp)],
    ['privileged', own.privileged !== true],
    ['allowPrivilegeEscalation', own.allowPrivilegeEscalation === false],
    ['capabilities', drop.includes('ALL') && add.every((name) => name === 'NET_BIND_SERVICE')],
    ['procMount', own.procMount === undefined],
    ['hostPort', (container.ports ?? []).every(({ hostPort }) => hostPort === undefined)],
    ['readOnlyRootFilesystem', own.readOnlyRootFilesystem === true],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([rule]) => rule);
}
