import type { WebContents } from 'electron';

/** Where our own page is; everything of it comes from `app://bundle`. */
export const ORIGIN = 'app://bundle';
export const PAGE = `${ORIGIN}/index.html`;

/** The page at one of its own places. A route begins with `/` and is no address: it cannot leave the page. */
export function pageAt(route: string): string {
  return `${PAGE}#${route.startsWith('/') ? route : '/'}`;
}

/** Whether a page may go there by itself: to itself only, at whichever of its places. */
export function mayNavigate(url: string): boolean {
  return url === PAGE || url.startsWith(`${PAGE}#`);
}

/** Whether a page may be read as ours. Not by a URL parser, whose idea of an origin differs for schemes like ours. */
export function isOurs(url: string): boolean {
  return url.startsWith(`${ORIGIN}/`);
}

/** Keeps a page where it is: no other address in it, no window beside it, no page inside it. */
export function guardNavigation(contents: WebContents, refused: (what: string) => void): void {
  const guard = (details: { readonly url: string; preventDefault(): void }): void => {
    if (mayNavigate(details.url)) return;
    details.preventDefault();
    refused('navigation');
  };
  contents.on('will-navigate', guard);
  contents.on('will-redirect', guard);
  contents.on('will-frame-navigate', guard);
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
    refused('webview');
  });
  contents.setWindowOpenHandler(() => {
    refused('window');
    return { action: 'deny' };
  });
}
