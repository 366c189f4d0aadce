/**
 * What no single key can tell: rules between keys. They read the tree as written, not the typed Config, so that they
 * speak up in the same breath as the schema does, whatever else is wrong with the file.
 */
import { credentialFileRules } from './credential-file-rules.ts';
import { credentialRules } from './credential-rules.ts';
import { exchangeRules } from './exchange-rules.ts';
import type { ConfigDocument, Path } from './document.ts';
import { isMisspelt } from './faults.ts';
import { FileView, type FileSurroundings, type Rule } from './file-view.ts';
import { isForwardable } from './header-rules.ts';
import type { Problem } from './problem.ts';
import { proxyRules } from './proxy-rules.ts';
import { backendKeys, transports } from './schema/backends.ts';
import { parseGoDuration } from './kit/duration.ts';
import { entriesOf } from './tree.ts';

/** Every problem between keys, and with what is around the file, in no particular order. */
export function checkRules(document: ConfigDocument, surroundings: FileSurroundings): Problem[] {
  const file = new FileView(document, surroundings);
  for (const rule of [...rules, ...credentialRules, ...exchangeRules, ...credentialFileRules, ...proxyRules])
    rule(file);
  return file.problems;
}

const rules: readonly Rule[] = [
  function atLeastOneBackend(file) {
    if (file.isDiscovered) {
      if (!file.says('groupRef'))
        file.error(
          ['outgoingAuth', 'source'],
          'the source "discovered" needs "groupRef", the group to look for',
        );
      return;
    }
    const backends = file.at('backends');
    if (backends !== undefined && (!Array.isArray(backends) || backends.length > 0)) return;
    if (isMisspelt('backends', file.at())) return;
    if (file.says('groupRef')) {
      file.error(
        ['groupRef'],
        'groupRef alone is not enough: list its servers under "backends", or in Kubernetes set "outgoingAuth.source: discovered"',
      );
    } else {
      file.error(['backends'], 'expected at least one entry in "backends", found none');
    }
  },

  function uniqueBackends(file) {
    const first = new Map<string, number>();
    for (const index of file.items('backends').keys()) {
      const path = ['backends', index, 'name'];
      const name = file.at(...path);
      if (typeof name !== 'string') continue;
      const line = first.get(name);
      if (line === undefined) first.set(name, file.lineOf(path));
      else file.error(path, `two backends are called "${name}"; the first is on line ${line}`);
    }
  },

  // The schema picks a backend's keys by its transport; without a sound one it cannot tell which keys are unknown.
  function keysOfBackendsWithoutTransport(file) {
    for (const [index, backend] of file.items('backends').entries()) {
      if (transports.includes(String(file.at('backends', index, 'transport')))) continue;
      for (const [key] of entriesOf(backend)) {
        if (!backendKeys.includes(key)) file.unknownKey(key, ['backends', index], backendKeys);
      }
    }
  },

  function strategyHasWhatItNeeds(file) {
    const strategy = file.at('aggregation', 'conflictResolution');
    const order = file.items('aggregation', 'conflictResolutionConfig', 'priorityOrder');
    if (strategy === 'priority' && order.length === 0) {
      file.error(
        ['aggregation', 'conflictResolution'],
        'the strategy "priority" needs conflictResolutionConfig.priorityOrder',
      );
    }
    if (strategy === 'manual' && file.items('aggregation', 'tools').length === 0) {
      file.error(
        ['aggregation', 'conflictResolution'],
        'the strategy "manual" needs the overrides that settle each conflict, in "tools"',
      );
    }
  },

  function placeholdersOfPrefix(file) {
    const path = ['aggregation', 'conflictResolutionConfig', 'prefixFormat'];
    const format = file.at(...path);
    if (typeof format !== 'string') return;
    for (const [placeholder] of format.matchAll(/\{\w*\}/g)) {
      if (placeholder !== '{workload}')
        file.warn(
          path,
          `"${placeholder}" stands for nothing and goes into names as it is; "{workload}" is the backend's name`,
        );
    }
  },

  function workloadsOfTools(file) {
    const lines = new Map<unknown, number>();
    for (const index of file.items('aggregation', 'tools').keys()) {
      const path = ['aggregation', 'tools', index, 'workload'];
      const workload = file.at(...path);
      const line = lines.get(workload);
      if (typeof workload !== 'string') continue;
      if (line !== undefined)
        file.error(path, `"tools" has two entries for "${workload}"; the first is on line ${line}`);
      else lines.set(workload, file.lineOf(path));
      file.expectBackend(path, workload);
    }
  },

  function priorityOrder(file) {
    const orderPath = ['aggregation', 'conflictResolutionConfig', 'priorityOrder'];
    const listed = file
      .items('aggregation', 'tools')
      .map((_, index) => file.at('aggregation', 'tools', index, 'workload'));
    const denied =
      file.at('aggregation', 'defaultToolVisibility') === 'deny' &&
      file.at('aggregation', 'conflictResolution') === 'priority';
    for (const [index, workload] of file.items(...orderPath).entries()) {
      file.expectBackend([...orderPath, index], workload);
      if (denied && !listed.includes(workload)) {
        file.error(
          [...orderPath, index],
          `"${String(workload)}" may win a name and then be hidden by "defaultToolVisibility: deny"; give it an entry in "tools" or take it out`,
        );
      }
    }
  },

  function namesOfWorkloads(file) {
    for (const owner of [
      ['operational', 'timeouts', 'perWorkload'],
      ['outgoingAuth', 'backends'],
    ]) {
      for (const [name] of entriesOf(file.at(...owner))) file.expectBackend([...owner, name], name);
    }
  },

  function healthCheckFitsInterval(file) {
    const handling = ['operational', 'failureHandling'];
    const timeoutMs = durationAt(file, [...handling, 'healthCheckTimeout']) ?? 0;
    const intervalMs = durationAt(file, [...handling, 'healthCheckInterval']) || 30_000;
    if (timeoutMs > 0 && timeoutMs >= intervalMs) {
      file.error(
        [...handling, 'healthCheckTimeout'],
        'healthCheckTimeout must be less than healthCheckInterval, or checks queue up',
      );
    }
    if (file.says(...handling, 'statusReportingInterval')) {
      file.warn(
        [...handling, 'statusReportingInterval'],
        'statusReportingInterval has no effect here: there is no Kubernetes resource to report to',
      );
    }
  },

  function telemetryGoesSomewhere(file) {
    const pushes = ['tracingEnabled', 'metricsEnabled'].filter((key) => file.at('telemetry', key) === true);
    if (file.says('telemetry', 'endpoint') && pushes.length === 0) {
      file.error(
        ['telemetry', 'endpoint'],
        'an endpoint is set, but neither "tracingEnabled" nor "metricsEnabled" is true: switch one on, or remove the endpoint',
      );
    }
    if (!file.says('telemetry', 'endpoint')) {
      for (const key of pushes) file.warn(['telemetry', key], `${key} has no effect without "endpoint"`);
    }
    if (/^[^/]*(?:\/\/[^/]*)?:4317(?:\/|$)/.test(String(file.at('telemetry', 'endpoint')))) {
      file.warn(
        ['telemetry', 'endpoint'],
        'port 4317 is where collectors take OTLP over gRPC; OTLP over HTTP, which is sent, mostly goes to 4318',
      );
    }
    const own = file.at('telemetry', 'prometheusPort');
    if (file.at('telemetry', 'metricsOnTransportPort') === false && (own === undefined || own === 0)) {
      file.warn(
        ['telemetry', 'metricsOnTransportPort'],
        '/metrics is served nowhere: "prometheusPort" is not set either',
      );
    }
  },

  // ToolHive takes such a file, so it is no error here.
  function authOfOtherTypes(file) {
    const chosen = [file.at('incomingAuth', 'type'), ...file.items('incomingAuth', 'types')];
    for (const type of ['oidc', 'apiKeys']) {
      if (file.says('incomingAuth', type) && !chosen.includes(type)) {
        file.warn(['incomingAuth', type], `"${type}" has no effect: it is not a type of "incomingAuth"`);
      }
    }
  },
  function forwardableHeaders(file) {
    for (const [index, name] of file.items('passthroughHeaders').entries()) {
      if (typeof name === 'string' && !isForwardable(name.toLowerCase())) {
        file.error(
          ['passthroughHeaders', index],
          `"${name}" may not be forwarded: it carries credentials, belongs to one connection, or is MCP's own`,
        );
      }
    }
  },
];

function durationAt(file: FileView, path: Path): number | undefined {
  const text = file.at(...path);
  return typeof text === 'string' ? parseGoDuration(text) : undefined;
}
