import type { Problem } from '../config/index.ts';
import type { LoadedConfig } from './config.ts';
import { features as builtIn, optionsOf, type AnyFeature } from './features.ts';

/** What features have against their blocks of a sound configuration: for `vmcp validate`. Nothing is started. */
export async function checkFeatures(
  { config, placeOf }: LoadedConfig,
  features: readonly AnyFeature[] = builtIn,
): Promise<Problem[]> {
  const found = await Promise.all(
    features.map(async (feature) => {
      const options = optionsOf(feature, config);
      if (feature.check === undefined || !feature.isOn(options)) return [];
      const block = [...(feature.within === undefined ? [] : [feature.within]), feature.key];
      const problems = await feature.check(options);
      return problems.map(({ severity, path, message }): Problem => {
        const whole = [...block, ...path];
        return { severity, ...placeOf(whole), message: `${textOf(whole)}: ${message}` };
      });
    }),
  );
  return found.flat();
}

function textOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}
