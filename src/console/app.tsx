/** The shell of the page: where one can go, who one is, and the screen that is shown. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from './base/api.ts';
import { Icon } from './parts/icons.tsx';
import { Palette } from './parts/palette.tsx';
import { Login } from './screens/login.tsx';
import { Overview } from './screens/overview.tsx';
import { Playground } from './screens/playground.tsx';
import { Tools } from './screens/tools.tsx';
import { Activity } from './screens/activity.tsx';
import { Adoption } from './screens/adoption.tsx';
import { Fault, Loading } from './parts/states.tsx';
import { goTo, hrefTo, screens, useRoute, type Route } from './base/route.ts';
import { currentTheme, setTheme, type Theme } from './base/theme.ts';
import { useData, type Loaded } from './base/use-data.ts';
import type { Overview as OverviewData } from './wire/index.ts';

export function App(): JSX.Element {
  const route = useRoute();
  const overview = useData('overview', {}, 4000);
  const [palette, setPalette] = useState(false);
  useShortcuts(() => setPalette(true));
  const { data, error } = overview;
  if (error?.login === true) return <Login onDone={overview.reload} />;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => focusMain(event)}>
        Skip to content
      </a>
      <Rail route={route} overview={overview} onSearch={() => setPalette(true)} />
      <main id="main" tabIndex={-1} class={`main screen-${route.screen}`}>
        {data === undefined ? (
          error === undefined ? (
            <Loading rows={4} />
          ) : (
            <Fault error={error} retry={overview.reload} />
          )
        ) : (
          <>
            {error !== undefined && <Fault error={error} retry={overview.reload} />}
            <Screen route={route} data={data} />
          </>
        )}
      </main>
      {palette && <Palette onClose={() => setPalette(false)} />}
    </div>
  );
}

function Screen({ route, data }: { readonly route: Route; readonly data: OverviewData }): JSX.Element {
  switch (route.screen) {
    case 'overview':
      return <Overview data={data} />;
    case 'playground':
      return <Playground overview={data} parameters={route.parameters} />;
    case 'tools':
      return <Tools overview={data} parameters={route.parameters} />;
    case 'activity':
      return <Activity overview={data} />;
    case 'adoption':
      return <Adoption />;
  }
}

function Rail({
  route,
  overview,
  onSearch,
}: {
  readonly route: Route;
  readonly overview: Loaded<OverviewData>;
  readonly onSearch: () => void;
}): JSX.Element {
  const { data } = overview;
  return (
    <header class="rail">
      <div class="brand">
        <span class="brand-mark" aria-hidden="true">
          v
        </span>
        <span class="brand-name">{data?.name ?? 'vmcp'}</span>
        {data !== undefined && <span class="brand-version">{data.version}</span>}
      </div>
      <nav class="nav" aria-label="Screens">
        {screens.map(({ id, name }) => (
          <a
            key={id}
            class="nav-link"
            href={hrefTo(id)}
            aria-current={route.screen === id ? 'page' : undefined}
          >
            <Icon name={id} />
            <span>{name}</span>
          </a>
        ))}
      </nav>
      <div class="rail-end">
        <button type="button" class="button quiet search-button" onClick={onSearch}>
          <Icon name="search" />
          <span class="label">Go to…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <ThemeButton />
        {data?.person !== undefined && (
          <Person name={data.person} signedIn={data.signedIn} onDone={overview.reload} />
        )}
      </div>
    </header>
  );
}

const nextTheme: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

function ThemeButton(): JSX.Element {
  const [theme, setShown] = useState(currentTheme);
  const change = (): void => {
    setTheme(nextTheme[theme]);
    setShown(nextTheme[theme]);
  };
  return (
    <button type="button" class="button quiet" onClick={change}>
      <Icon name="theme" />
      <span class="label">Theme: {theme}</span>
    </button>
  );
}

function Person({
  name,
  signedIn,
  onDone,
}: {
  readonly name: string;
  readonly signedIn: boolean;
  readonly onDone: () => void;
}): JSX.Element {
  const signOut = async (): Promise<void> => {
    await ask('logout', {});
    onDone();
  };
  return (
    <div class="person">
      <span class="person-name">{name}</span>
      {signedIn && (
        <button type="button" class="button quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </div>
  );
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** `g` and a letter go to a screen, Ctrl or Cmd and K open the list of everything. Keys that are typed into a field stay there. */
function useShortcuts(onPalette: () => void): void {
  useEffect(() => {
    let waitsForScreen = false;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return onPalette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (waitsForScreen) {
        const screen = screens.find(({ key }) => key === event.key);
        if (screen !== undefined) goTo(screen.id);
      }
      waitsForScreen = event.key === 'g' && !waitsForScreen;
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
