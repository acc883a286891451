import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'gangway.theme';
const listeners = new EventTarget();

/** What the person chose; `system` follows the desktop. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return themes.find((theme) => theme === kept) ?? 'system';
}

/** Keeps the choice and shows it at once. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
  listeners.dispatchEvent(new Event('change'));
}

/** Puts the chosen theme on the page; the style sheets do the rest. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = chosenTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.addEventListener('change', listener);
    return () => listeners.removeEventListener('change', listener);
  }, chosenTheme);
}
