import type { Tool } from '../../../gateway/index.ts';
import type { OptionProblem } from '../../feature.ts';
import { checkScript } from '../script/check-script.ts';
import { propertiesOf } from '../shared/schema.ts';
import { checkSavedTools, type SavedFault } from './check-saved.ts';
import type { SavedToolOptions } from './options.ts';
import { readSavedTools, SavedToolError, type SavedTool } from './saved-tool.ts';

/** What is wrong with saved tools, each with its place in the block `codeMode`: for `vmcp validate`. */
export async function checkOptions(tools: readonly SavedToolOptions[]): Promise<OptionProblem[]> {
  const severity = 'error';
  try {
    const faults = checkSavedTools(await readSavedTools(tools));
    return faults.map(({ index, key, message }) => {
      return { severity, path: ['tools', index, keyOf(key, tools[index])], message };
    });
  } catch (error) {
    if (!(error instanceof SavedToolError)) throw error;
    return [{ severity, path: ['tools', error.index, error.key], message: error.message }];
  }
}

/**
 * Holds the scripts of saved tools against the tools that there are: names, and arguments that are written out.
 * @param backendTools the tools of all backends
 */
export async function checkAgainstTools(
  options: readonly SavedToolOptions[],
  backendTools: readonly Tool[],
): Promise<OptionProblem[]> {
  const saved = await readSavedTools(options);
  const tools = [...backendTools, ...saved.map(({ tool }) => tool)].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  return saved.flatMap(({ tool, script, filename }, index) => {
    const names = propertiesOf(tool.inputSchema).entries.map(({ name }) => name);
    const { faults } = checkScript(script, { tools, parameters: names, filename });
    return faults.map(({ line, column, message }): OptionProblem => {
      const at = line === undefined ? filename : `${filename}:${line}:${column ?? 1}`;
      const key = keyOf('script', options[index]);
      return { severity: 'error', path: ['tools', index, key], message: `${at}: ${message}` };
    });
  });
}

/**
 * Reads saved tools that are to be served.
 * @throws SavedToolError for the first that cannot be
 */
export async function loadSavedTools(options: readonly SavedToolOptions[]): Promise<SavedTool[]> {
  const tools = await readSavedTools(options);
  const [fault] = checkSavedTools(tools);
  if (fault === undefined) return tools;
  const { index, key, message } = fault;
  throw new SavedToolError(index, keyOf(key, options[index]), message);
}

/** Where the configuration has what is at fault. */
function keyOf(key: SavedFault['key'], tool: SavedToolOptions | undefined): string {
  return key === 'script' && tool?.file !== undefined ? 'file' : key;
}
