import type { Terminal } from '../../src/cli/kit/terminal.ts';

/** A text with the codes that move the cursor and colour the screen made readable. */
export function visibleCodes(text: string): string {
  return text.replaceAll('\u001b', '␛');
}

/** What a command was given and what it said. */
export interface TestTerminal extends Terminal {
  readonly said: { out: string; err: string };
}

/** A terminal that keeps what is written to it, and is none but where `overrides` say so. */
export function createTerminal(overrides: Partial<Terminal> = {}): TestTerminal {
  const said = { out: '', err: '' };
  return {
    said,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    ask: async () => '',
    readInput: async () => '',
    environment: {},
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    onSignal: () => {},
    onStreamLost: () => {},
    onUncaught: () => () => {},
    onExit: () => {},
    ...overrides,
  };
}
