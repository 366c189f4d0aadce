import type { ScriptCheck, ToolDescription } from '../features/code-mode/index.ts';
import type { Tool } from '../gateway/index.ts';

export type { ScriptCheck, ToolDescription, ToolParameter } from '../features/code-mode/index.ts';

/** What a script would do, as far as its text tells. Loads the language only when asked. */
export async function checkScript(
  ...[script, options]: Parameters<CodeMode['checkScript']>
): Promise<ScriptCheck> {
  const { checkScript: check } = await import('../features/code-mode/index.ts');
  return check(script, options);
}

/** A tool as people are shown it. */
export async function describeTool(tool: Tool): Promise<ToolDescription> {
  const { describeTool: describe } = await import('../features/code-mode/index.ts');
  return describe(tool);
}

type CodeMode = typeof import('../features/code-mode/index.ts');
