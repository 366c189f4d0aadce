/** Makes the policies of one configuration, and the stage that holds callers to them. */
import type { Request } from '../../gateway/index.ts';
import { FileWatch } from '../../lib/file-watch.ts';
import { messageOf } from '../../lib/thrown.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import {
  FeatureError,
  type FeatureCode,
  type FeatureHost,
  type FeatureParts,
  type OptionProblem,
  type Site,
} from '../feature.ts';
import { checkPolicies } from './check/check.ts';
import { PolicySlots } from './cedar/engine.ts';
import type { PolicyOptions } from './declaration.ts';
import { authorize } from './decide/authorize.ts';
import { loadPolicies } from './decide/load.ts';
import type { Decision } from './decide/policies.ts';
import { nameOf, permitEverything, readSources, SourceError, stampOf } from './decide/sources.ts';
import { Views } from './decide/views.ts';

type Host = FeatureHost<Metrics>;

export const policyCode: FeatureCode<PolicyOptions | undefined, Metrics, PolicySlots> = {
  keep: () => new PolicySlots(),
  prepare: (options, host, kept, site) => (options === undefined ? {} : prepare(options, host, kept, site)),
};

async function prepare(
  options: PolicyOptions,
  host: Host,
  slots: PolicySlots,
  site: Site,
): Promise<FeatureParts> {
  const watch = await watchFiles(options, host);
  try {
    const sources = await readSources(options);
    if (permitEverything(sources)) return { retire: async () => watch?.close() };
    const policies = await loadPolicies(sources, options, { slots, serverName: site.name });
    const faults = checkPolicies(policies).filter(({ severity }) => severity === 'error');
    const [first] = faults;
    if (first !== undefined) {
      policies.close();
      throw new SourceError(first.policy.source.at, first.message);
    }
    return {
      every: authorize({
        views: new Views(policies),
        scriptsByFlag: options.codeMode === 'flag',
        onDenied: (request, decision) => logDenial(host, request, decision),
      }),
      retire: async () => {
        watch?.close();
        policies.close();
      },
    };
  } catch (error) {
    watch?.close();
    throw new FeatureError(`incomingAuth.authz.${whereOf(error)}${messageOf(error)}`, { cause: error });
  }
}

function whereOf(error: unknown): string {
  if (!(error instanceof SourceError) || error.at === undefined) return 'entitiesJson: ';
  return 'file' in error.at ? `policyFiles: ${nameOf(error.at)}: ` : `${nameOf(error.at)}: `;
}

async function watchFiles(options: PolicyOptions, host: Host): Promise<FileWatch | undefined> {
  if (options.policyFiles.length === 0) return undefined;
  return FileWatch.over(() => stampOf(options), { onChange: () => host.reload(), onDefect: host.onDefect });
}

/** Policies by their ids; never an argument, and no name that only the client knows. */
function logDenial({ log }: Host, request: Request, decision: Decision | undefined): void {
  const { caller, method, origin } = request;
  const { subject, issuer } = caller.principal;
  const why =
    decision === undefined
      ? 'nothing of this name'
      : decision.reasons.length > 0
        ? 'forbidden'
        : 'no policy permits it';
  log('info', `${method} denied by authorization policy: ${why}`, {
    subject,
    issuer,
    ...(origin === 'script' && { origin }),
    ...(decision !== undefined && method === 'tools/call' && { tool: (request as { name: string }).name }),
    ...(decision !== undefined && { policies: decision.reasons }),
    ...(decision !== undefined &&
      decision.errors.size > 0 && { failedPolicies: [...decision.errors.keys()] }),
  });
}

/** What is wrong with policies and entities, each with its place. */
export async function checkOptions(options: PolicyOptions): Promise<OptionProblem[]> {
  const slots = new PolicySlots();
  try {
    const sources = await readSources(options);
    if (permitEverything(sources)) return [];
    const policies = await loadPolicies(sources, options, { slots, serverName: '' });
    return checkPolicies(policies).map(({ severity, message, policy }) => {
      const { source, line } = policy;
      if ('index' in source.at) return { severity, path: ['policies', source.at.index], message };
      return { severity, path: ['policyFiles'], message: `${source.at.file}:${line}: ${message}` };
    });
  } catch (error) {
    const severity = 'error';
    if (!(error instanceof SourceError) || error.at === undefined)
      return [{ severity, path: ['entitiesJson'], message: messageOf(error) }];
    if ('index' in error.at)
      return [{ severity, path: ['policies', error.at.index], message: messageOf(error) }];
    return [{ severity, path: ['policyFiles'], message: `${error.at.file}: ${messageOf(error)}` }];
  } finally {
    await slots.close();
  }
}
