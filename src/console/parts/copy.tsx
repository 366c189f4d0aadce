import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

/** Copies a text, and says so for a moment. */
export function CopyButton({
  text,
  label = 'Copy',
  quiet = false,
}: {
  readonly text: string | (() => string);
  readonly label?: string;
  /** Shows the icon alone; the label is what assistive technology reads. */
  readonly quiet?: boolean;
}): JSX.Element {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setState('done');
    } catch {
      setState('failed');
    }
    setTimeout(() => setState('idle'), 1600);
  };
  const said = state === 'idle' ? label : state === 'done' ? 'Copied' : 'Could not copy';
  return (
    <button
      type="button"
      class={quiet ? 'button quiet icon-only' : 'button quiet'}
      onClick={() => void copy()}
      title={label}
    >
      <Icon name={state === 'done' ? 'check' : 'copy'} />
      <span class={quiet ? 'sr-only' : ''} aria-live="polite">
        {said}
      </span>
    </button>
  );
}
