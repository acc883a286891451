/** Pages that the person can ask for; the window names one and never gives an address. */
export type Page = 'help' | 'changes' | 'tray-extension';

/** The extension that shows tray icons on GNOME, by the people who make it. */
const TRAY_EXTENSION = 'https://extensions.gnome.org/extension/615/appindicator-support/';

/**
 * The address of a page; undefined while there is none. Our own pages lie below the homepage of the repository, which
 * the release workflow writes into package.json; a build made elsewhere has none, or one that leads nowhere (RFC 2606).
 */
export function pageAddress(page: Page, homepage: string | undefined): string | undefined {
  if (page === 'tray-extension') return TRAY_EXTENSION;
  const home = homepage === undefined ? undefined : URL.parse(homepage);
  if (home?.protocol !== 'https:' || home.username !== '' || home.hostname.endsWith('.invalid'))
    return undefined;
  const folder = `${home.origin}${home.pathname.replace(/\/+$/, '')}`;
  return page === 'help' ? `${folder}/blob/main/README.md` : `${folder}/blob/main/CHANGELOG.md`;
}
