import type { Problem } from '../config/index.ts';
import type { Tool } from '../gateway/index.ts';
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

/**
 * What is wrong with saved tools in view of the tools that there are.
 * @param tools those of all backends
 */
export async function checkSavedTools(
  { config, placeOf }: LoadedConfig,
  tools: readonly Tool[],
): Promise<Problem[]> {
  const { enabled, tools: saved } = config.codeMode;
  if (!enabled || saved.length === 0) return [];
  const { checkAgainstTools } = await import('../features/code-mode/index.ts');
  return (await checkAgainstTools(saved, tools)).map(({ severity, path, message }): Problem => {
    const whole = ['codeMode', ...path];
    return { severity, ...placeOf(whole), message: `${textOf(whole)}: ${message}` };
  });
}

function textOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}
