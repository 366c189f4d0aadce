import {
  codeModeMetrics,
  observeCodeMode,
  type CodeModeInstruments,
} from '../../src/features/code-mode/metrics.ts';
import type { CodeModeName } from '../../src/features/code-mode/modes.ts';
import type { Telemetry } from '../../src/telemetry/index.ts';

/** The code mode of a server whose telemetry alone is under test. It may be renamed and switched at any time. */
export interface CodeModeState {
  enabled: boolean;
  serverName: string;
  /** While it is enabled; `alongside` unless set. */
  mode?: CodeModeName;
}

/** Puts code mode's metrics on a telemetry, as the server does at its start. */
export function codeModeOf(
  telemetry: Telemetry,
  state: CodeModeState = { enabled: true, serverName: 'demo' },
): CodeModeInstruments {
  const instruments = telemetry.instrumentsOf(codeModeMetrics);
  observeCodeMode(instruments, () => ({
    serverName: state.serverName,
    mode: state.enabled ? (state.mode ?? 'alongside') : 'off',
    toolLists: () => ({ all: [], ...(state.enabled && { codeMode: [] }) }),
  }));
  return instruments;
}
