/** What holds where neither the configuration nor an owner says otherwise: stated here, and nowhere else. */
import type { CodeModeName } from './modes.ts';
import type { ScriptLimits } from './shared/protocol.ts';

export const defaultMode: CodeModeName = 'alongside';

export const defaultLimits: ScriptLimits = {
  stepLimit: 100_000,
  parallelMaxConcurrency: 10,
  toolCallTimeoutMs: 30_000,
  scriptTimeoutMs: 50_000,
  maxToolCalls: 1000,
  maxResultBytes: 2 ** 20,
  memoryLimitBytes: 64 * 2 ** 20,
};

/** In code mode proper the description stands for the tools themselves, and is kept short for that. */
export function defaultDescriptionBytes(mode: CodeModeName): number {
  return mode === 'alongside' ? 16_000 : 8_000;
}
