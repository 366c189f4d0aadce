/** What stands in for data: while it is loaded, where there is none, where it cannot be had. */
import type { ComponentChildren, JSX } from 'preact';
import type { ApiError } from '../base/api.ts';
import { Icon } from './icons.tsx';

export function Loading({ rows = 3 }: { readonly rows?: number }): JSX.Element {
  return (
    <div class="stack" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div class="skeleton" key={index} />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Fault({
  error,
  retry,
}: {
  readonly error: ApiError;
  readonly retry?: () => void;
}): JSX.Element {
  return (
    <div class="notice bad" role="alert">
      <Icon name="warn" />
      <div class="grow">{error.message}</div>
      {retry !== undefined && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
