/** Where in the page a person is: kept in the URL's fragment, which no server sees. */
import { useEffect, useState } from 'preact/hooks';

export const screens = [
  { id: 'overview', name: 'Overview', key: 'o' },
  { id: 'playground', name: 'Playground', key: 'p' },
  { id: 'tools', name: 'Tools', key: 't' },
  { id: 'activity', name: 'Activity', key: 'a' },
  { id: 'adoption', name: 'Adoption', key: 'd' },
] as const;

export type ScreenId = (typeof screens)[number]['id'];

export interface Route {
  readonly screen: ScreenId;
  readonly parameters: URLSearchParams;
}

export function readRoute(hash: string = location.hash): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const screen = screens.find(({ id }) => id === path)?.id ?? 'overview';
  return { screen, parameters: new URLSearchParams(query) };
}

/** The fragment that leads to a screen. */
export function hrefTo(screen: ScreenId, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${screen}${query === '' ? '' : `?${query}`}`;
}

export function goTo(screen: ScreenId, parameters: Record<string, string> = {}): void {
  location.hash = hrefTo(screen, parameters);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute());
  useEffect(() => {
    const onChange = (): void => setRoute(readRoute());
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}

/** A text as a part of a fragment, and back. Undefined where it cannot be read. */
export function packText(text: string): string {
  const binary = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function unpackText(packed: string): string | undefined {
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(binary, (each) => each.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}
