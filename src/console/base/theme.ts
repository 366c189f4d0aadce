/** Dark or light: as the system has it, or as the person chose on this browser. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'vmcp-theme';

export function currentTheme(): Theme {
  const kept = read();
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Puts a theme in force and remembers it. */
export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
  applyTheme(theme);
}

export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset['theme'] = theme;
}

function read(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
