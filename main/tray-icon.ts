import type { AccountView, Snapshot } from '#contract/control.ts';
import { hasEnded } from '#contract/sign-in.ts';
import { attentionOf, isSignedOut } from './attention.ts';
import { trayTexts } from './texts/tray.ts';
import { clock, shown } from './tray-words.ts';

/** What the icon says by its shape: nothing to do, something runs, a person is needed, all access stopped, no way out. */
export type TrayIcon = 'fine' | 'busy' | 'attention' | 'paused' | 'offline';

export interface TrayLook {
  readonly state: TrayIcon;
  /** One line of at most 100 characters, without the name of the app. */
  readonly tooltip: string;
  /** When it will look different by itself. */
  readonly until: Date | undefined;
}

/** How long the dot of a call stays, so that an eye can catch it. */
const BUSY_MS = 4_000;
const TOOLTIP_CHARACTERS = 90;

/**
 * How the icon looks. Pure.
 *
 * @param lastCall when a call was last seen to begin, for those that are not in the log yet.
 */
export function trayLook(
  snapshot: Snapshot | undefined,
  isLost: boolean,
  now: Date,
  lastCall?: Date,
): TrayLook {
  const texts = trayTexts.status;
  const calm = (state: TrayIcon, text: string): TrayLook => ({
    state,
    tooltip: shown(text, TOOLTIP_CHARACTERS),
    until: undefined,
  });
  if (!snapshot) return calm('offline', isLost ? texts.lost : texts.starting);
  if (isLost) return calm('offline', texts.lost);
  const { accounts } = snapshot;
  if (snapshot.status.paused) return calm('paused', join([pausedText(snapshot, now), ...needs(accounts)]));
  if (isOffline(snapshot)) return calm('offline', texts.offline);
  const text = accountsText(snapshot);
  const needsPerson = attentionOf(snapshot, NO_UPDATE).some(({ isUrgent }) => isUrgent);
  if (needsPerson) return calm('attention', text);
  if (snapshot.signIns.some(({ state }) => !hasEnded(state))) return calm('busy', text);
  const until = busyUntil(snapshot, lastCall);
  return until > now.getTime() ? { ...calm('busy', text), until: new Date(until) } : calm('fine', text);
}

/** A request came in since then. Those that are still running are in no log yet, but conversations count them. */
export function callBegan(before: Snapshot | undefined, after: Snapshot): boolean {
  if (!before) return false;
  const known = new Map(before.sessions.map(({ id, calls }) => [id, calls]));
  return after.sessions.some(({ id, calls }) => calls > (known.get(id) ?? 0));
}

type Theme = Pick<Electron.NativeTheme, 'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI'>;

/** Whether the place of the icon is dark. GNOME's bar always is, and Windows has a theme of its own for the taskbar. */
export function isPanelDark(platform: NodeJS.Platform, desktop: string | undefined, theme: Theme): boolean {
  if (platform === 'win32') return theme.shouldUseDarkColorsForSystemIntegratedUI;
  if (platform === 'linux' && /\b(?:GNOME|Unity)\b/i.test(desktop ?? '')) return true;
  return theme.shouldUseDarkColors;
}

/** The picture of a state. macOS colours one of black itself; Windows takes the size it needs out of an ICO. */
export function iconFile(state: TrayIcon, platform: NodeJS.Platform, isDark: boolean): string {
  if (platform === 'darwin') return `${state}Template.png`;
  return `${state}-on-${isDark ? 'dark' : 'light'}.${platform === 'win32' ? 'ico' : 'png'}`;
}

/** An update is no trouble of an account, so the icon says nothing about it. */
const NO_UPDATE = { state: 'off', version: null, text: '', percent: null } as const;

/** No account can be reached. */
export function isOffline({ accounts }: Snapshot): boolean {
  return accounts.length > 0 && accounts.every(({ condition }) => condition.state === 'offline');
}

/** Until when access is paused, in words. */
export function pausedText({ status }: Snapshot, now: Date): string {
  const { paused, pausedUntil } = trayTexts.status;
  return status.pausedUntil === null ? paused : pausedUntil(clock(new Date(status.pausedUntil), now));
}

/** How many accounts are well, and what the others need: `2 accounts ready, 1 needs sign-in`. */
export function accountsText({ accounts }: Snapshot): string {
  const texts = trayTexts.status;
  if (accounts.length === 0) return texts.noAccounts;
  const ready = accounts.filter(({ condition }) => condition.state === 'ready').length;
  return join([texts.accountsReady(ready), ...needs(accounts)]);
}

function needs(accounts: readonly AccountView[]): string[] {
  const texts = trayTexts.status;
  const counts = new Map<(count: number) => string, number>();
  for (const account of accounts) {
    const say = needOf(account);
    if (say) counts.set(say, (counts.get(say) ?? 0) + 1);
  }
  const order = [texts.needSignIn, texts.needKey, texts.locked, texts.troubled, texts.signingIn];
  return [...order, texts.signedOut].flatMap((say) => {
    const count = counts.get(say);
    return count === undefined ? [] : [say(count)];
  });
}

function needOf(account: AccountView): ((count: number) => string) | undefined {
  const texts = trayTexts.status;
  switch (account.condition.state) {
    case 'ready':
      return undefined;
    case 'signing-in':
      return texts.signingIn;
    case 'sign-in-needed':
      if (isSignedOut(account)) return texts.signedOut;
      return account.condition.action === 'enter-key' ? texts.needKey : texts.needSignIn;
    case 'locked':
      return texts.locked;
    case 'offline':
    case 'blocked':
    case 'misconfigured':
    case 'unsaved':
      return texts.troubled;
    default:
      return account.condition.state satisfies never;
  }
}

function busyUntil({ recent }: Snapshot, lastCall: Date | undefined): number {
  const ends = recent.map(({ at, durationMs }) => Date.parse(at) + durationMs);
  return Math.max(lastCall?.getTime() ?? 0, ...ends) + BUSY_MS;
}

function join(parts: readonly string[]): string {
  return parts.join(', ');
}
