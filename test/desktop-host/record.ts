import { appendFileSync } from 'node:fs';

/** What happened that nobody can see on the screen. Never a value of the app's that may be secret. */
export type Deed =
  | { readonly what: 'clipboard'; readonly characters: number }
  | { readonly what: 'open'; readonly origin: string }
  | { readonly what: 'notification'; readonly title: string; readonly body: string }
  | { readonly what: 'tray-without-panel' }
  /** Null for a click on an item of a menu that had been replaced meanwhile. */
  | { readonly what: 'menu-click'; readonly label: string | null }
  | { readonly what: 'error-box'; readonly title: string; readonly content: string }
  | { readonly what: 'download'; readonly name: string; readonly isRefused: boolean };

/** Appends it to the file of `DESKTOP_HOST_RECORD`, one JSON document per line; without one it is forgotten. */
export function record(deed: Deed): void {
  const file = process.env.DESKTOP_HOST_RECORD;
  if (file) appendFileSync(file, `${JSON.stringify(deed)}\n`);
}
