import { Activity, AppWindow, Info, Search, Settings, ShieldCheck, UsersRound } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Loading } from '../components/page.tsx';
import { useMaybeSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { needsPerson } from './attention.ts';
import { Banners } from './banners.tsx';
import { isMac, useShortcut } from './keys.ts';
import { Palette } from './palette.tsx';

const pages = [
  { to: '/accounts', label: texts.shell.accounts, icon: UsersRound },
  { to: '/apps', label: texts.shell.apps, icon: AppWindow },
  { to: '/activity', label: texts.shell.activity, icon: Activity },
  { to: '/rules', label: texts.shell.rules, icon: ShieldCheck },
  { to: '/settings', label: texts.shell.settings, icon: Settings },
  { to: '/about', label: texts.shell.about, icon: Info },
] as const;

/** The frame around every screen: navigation, search, and what is true for all of it. */
export function Shell({ children }: { children: ReactNode }) {
  const snapshot = useMaybeSnapshot();
  const [location, go] = useLocation();
  const [isSearching, search] = useState(false);
  const content = useRef<HTMLElement>(null);
  const screen = screenOf(location);
  useShortcut(
    'k',
    useCallback(() => search(true), []),
  );
  useShortcut(
    ',',
    useCallback(() => go('/settings'), [go]),
  );
  useEffect(() => {
    // Another screen begins at its top.
    if (screen !== '') content.current?.scrollTo(0, 0);
  }, [screen]);
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => content.current?.focus()}>
        {texts.shell.skip}
      </button>
      <header className="sidebar">
        <div className="brand">
          <img src="./icon.svg" alt="" width={28} height={28} />
          <span>{texts.shell.name}</span>
        </div>
        <button
          type="button"
          className="search-button"
          disabled={!snapshot}
          aria-haspopup="dialog"
          onClick={() => search(true)}
        >
          <Search aria-hidden="true" size={16} />
          <span className="search-text">{texts.shell.search}</span>
          <kbd>{isMac() ? texts.shell.searchKeysMac : texts.shell.searchKeys}</kbd>
        </button>
        <Navigation location={location} attention={snapshot?.accounts.filter(needsPerson).length ?? 0} />
      </header>
      <main ref={content} id="content" className="content" tabIndex={-1}>
        <Banners />
        {snapshot ? children : <Connecting />}
      </main>
      {snapshot && <Palette open={isSearching} onOpenChange={search} />}
    </div>
  );
}

/** The pages. How many accounts need the person stands beside "Accounts": as a number, and in words for screen readers. */
function Navigation({ location, attention }: { location: string; attention: number }) {
  return (
    <nav aria-label={texts.shell.navigation} className="nav">
      <ul>
        {pages.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className="nav-link"
              aria-current={location === to || location.startsWith(`${to}/`) ? 'page' : undefined}
            >
              <Icon aria-hidden="true" size={18} />
              <span className="nav-text">{label}</span>
              {to === '/accounts' && attention > 0 && (
                <span className="nav-count" title={texts.shell.needsYou(attention)}>
                  <span aria-hidden="true">{attention}</span>
                  <span className="visually-hidden">{texts.shell.needsYou(attention)}</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Before anything is known. */
function Connecting() {
  return (
    <div className="page">
      <h1 className="visually-hidden">{texts.shell.name}</h1>
      <Loading label={texts.shell.connecting} />
    </div>
  );
}

/** The part of an address that names a screen, without its tabs and steps. */
function screenOf(location: string): string {
  return location.split('/').slice(0, 3).join('/');
}
