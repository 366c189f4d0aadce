/** The search for backends in Kubernetes. */
import { setImmediate as turn } from 'node:timers/promises';
import { KubernetesDiscovery, type DiscoveryOptions } from '../../src/discovery/kubernetes/discovery.ts';
import { FakeApi } from '../support/fake-api.ts';
import type { Cases, Plant } from './plant.ts';

function discover(plant: Plant, options: Partial<DiscoveryOptions>): KubernetesDiscovery {
  const discovery = new KubernetesDiscovery({
    api: new FakeApi(),
    group: 'team',
    namespace: 'mcp',
    onFound: () => undefined,
    onDefect: plant.onDefect,
    sleep: () => turn(),
    now: () => 0,
    random: () => 1,
    ...options,
  });
  plant.t.after(() => discovery.close());
  return discovery;
}

export const discoveryCases: Cases = {
  'the discovery of backends': async (plant) => discover(plant, { onFound: () => plant.throwIt() }).start(),
  'the reading of Secrets': async (plant) =>
    discover(plant, { now: () => plant.throwIt() }).credentialRefused(),
};
