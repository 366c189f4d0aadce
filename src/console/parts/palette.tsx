import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { goTo, screens, type ScreenId } from '../base/route.ts';
import { useData } from '../base/use-data.ts';
import { Dialog } from './dialog.tsx';

const mostShown = 12;

interface Place {
  readonly name: string;
  readonly kind: string;
  readonly go: () => void;
}

/** Everything one can go to, by a few letters of its name. */
export function Palette({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const tools = useData('tools', {});
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const places = useMemo(() => {
    const toScreen = (id: ScreenId, name: string): Place => ({ name, kind: 'screen', go: () => goTo(id) });
    const toTool = (name: string): Place => ({ name, kind: 'tool', go: () => goTo('tools', { tool: name }) });
    const all = [
      ...screens.map(({ id, name }) => toScreen(id, name)),
      ...(tools.data?.tools ?? []).map(({ name }) => toTool(name)),
    ];
    return all.filter(({ name }) => matches(name, query)).slice(0, mostShown);
  }, [tools.data, query]);
  const go = (place: Place | undefined): void => {
    if (place === undefined) return;
    onClose();
    place.go();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((chosen + step + places.length) % Math.max(places.length, 1));
    }
    if (event.key === 'Enter') go(places[chosen]);
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        class="input palette-input"
        type="text"
        placeholder="Screen or tool"
        aria-label="Screen or tool"
        role="combobox"
        aria-expanded="true"
        aria-controls="places"
        aria-activedescendant={places.length > 0 ? `place-${chosen}` : undefined}
        autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="places" class="palette-list" role="listbox" aria-label="Places">
        {places.map((place, index) => (
          <li
            key={`${place.kind} ${place.name}`}
            id={`place-${index}`}
            role="option"
            aria-selected={index === chosen}
            class="palette-place"
            onClick={() => go(place)}
          >
            <span>{place.name}</span>
            <span class="muted">{place.kind}</span>
          </li>
        ))}
      </ul>
      {places.length === 0 && <p class="muted">Nothing has these letters.</p>}
    </Dialog>
  );
}

/** True where the letters of the query are in the name, in this order. */
export function matches(name: string, query: string): boolean {
  let at = 0;
  for (const letter of query.toLowerCase().replaceAll(' ', '')) {
    at = name.toLowerCase().indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
