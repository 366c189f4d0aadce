/** Where a process in a pod finds the API server, and as whom it comes. */

export interface Surroundings {
  readonly url: URL;
  readonly namespace: string;
  /** Certificates that the API server is trusted by. */
  readonly caFile: string;
  /** The service account's token. Kubernetes replaces it about once an hour. */
  readonly tokenFile: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param environment of the process; `VMCP_NAMESPACE` names the namespace, else the service account's own is used
 * @param readFile reads a text, or throws
 * @throws Error that says what a pod lacks
 */
export function surroundingsOf(environment: Environment, readFile: (path: string) => string): Surroundings {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '')
    throw new Error(
      'outgoingAuth.source "discovered" needs the API server of Kubernetes, and KUBERNETES_SERVICE_HOST is not set: ' +
        'run in a pod, or use "inline" and list the servers under "backends"',
    );
  const folder = environment['VMCP_SERVICE_ACCOUNT_DIR'] || serviceAccount;
  return {
    url: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    namespace: environment['VMCP_NAMESPACE'] || namespaceIn(folder, readFile),
    caFile: `${folder}/ca.crt`,
    tokenFile: `${folder}/token`,
  };
}

function namespaceIn(folder: string, readFile: (path: string) => string): string {
  try {
    return readFile(`${folder}/namespace`).trim();
  } catch (cause) {
    throw new Error(
      `outgoingAuth.source "discovered" needs a namespace: set VMCP_NAMESPACE, or mount the service account's token ` +
        `(automountServiceAccountToken: true), which brings ${folder}/namespace`,
      { cause },
    );
  }
}
