/** The page's few icons, drawn on a grid of 16. They say nothing that a word beside them does not. */
import type { JSX } from 'preact';

const paths = {
  overview: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  playground: 'M5 3.5v9l7-4.5z',
  tools:
    'M10.5 2a3.5 3.5 0 0 0-3.2 4.9L2 12.2 3.8 14l5.3-5.3A3.5 3.5 0 0 0 13.8 4L12 5.8 10.2 4 12 2.3A3.5 3.5 0 0 0 10.5 2z',
  activity: 'M1.5 8.5H4l2-5 3.5 9 2-4h3',
  adoption: 'M2.5 13.5v-4M6.2 13.5v-7M9.8 13.5v-5M13.5 13.5v-11',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  check: 'M2.5 8.5l3.5 3.5 7.5-8',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.7 3.7',
  stop: 'M4 4h8v8H4z',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 1 1 0 12',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5L7.500 13A3.200 3.200 0 0 1 3 8.500L4.500 7',
  save: 'M8 2v8M4.500 7L8 10.500 11.500 7M2.500 13.500h11',
  warn: 'M8 2l6.500 11.500h-13zM8 6.500v3.500M8 11.500v.5',
  close: 'M3.500 3.500l9 9M12.500 3.500l-9 9',
} as const;

const filled: ReadonlySet<string> = new Set(['overview', 'playground', 'stop']);

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} class={filled.has(name) ? 'icon-fill' : 'icon-line'} />
    </svg>
  );
}
