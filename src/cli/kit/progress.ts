import type { Terminal } from './terminal.ts';

const tickMs = 200;

/** One line on stderr that says what is being waited for. It is written over, and gone before anything else is said. */
export interface Progress {
  /** Shows a text in place of the last one, where there is a terminal; elsewhere nothing. */
  show(text: string): void;
  /** Says a text: in place of the last one on a terminal, as a line of its own elsewhere. */
  say(text: string): void;
  clear(): void;
}

export function createProgress(terminal: Terminal): Progress {
  const isLive = terminal.stderrIsTerminal && terminal.environment['TERM'] !== 'dumb';
  let isShown = false;
  const show = (text: string): void => {
    if (!isLive) return;
    isShown = true;
    terminal.err(`\r${fitted(text, terminal.stderrColumns)}\u001b[K`);
  };
  return {
    show,
    say: (text) => (isLive ? show(text) : terminal.err(`${text}\n`)),
    clear() {
      if (isShown) terminal.err('\r\u001b[K');
      isShown = false;
    },
  };
}

/**
 * Shows a text and how long it has taken, over and over, until the work has ended.
 * @param text what is waited for; undefined shows nothing
 */
export async function during<Result>(
  progress: Progress,
  text: (seconds: number) => string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  const tick = setInterval(() => {
    const seconds = Math.floor((performance.now() - startedAt) / 1000);
    const shown = text(seconds);
    if (shown !== undefined) progress.show(`${shown} (${seconds} s)`);
  }, tickMs);
  try {
    return await work();
  } finally {
    clearInterval(tick);
    progress.clear();
  }
}

/** On one row, without what a backend may have put in to move the cursor. */
function fitted(text: string, columns = 80): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
  return plain.length < columns ? plain : `${plain.slice(0, Math.max(0, columns - 2))}…`;
}
