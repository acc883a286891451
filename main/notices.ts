import { type AccountId, effectiveUser } from '#contract/account.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { DesktopChoices, UpdateState } from '#contract/desktop.ts';
import { trouble } from '#contract/errors.ts';
import { type Attention, attentionOf } from './attention.ts';
import { routes } from './routes.ts';
import { noticeTexts } from './texts/notices.ts';
import { isOffline } from './tray-icon.ts';
import { appName, clock, fullName, shown } from './tray-words.ts';

/** What a click on a notification does. */
export type NoticeAction = { readonly label: string } & (
  | { readonly kind: 'sign-in'; readonly account: AccountId }
  | { readonly kind: 'stop-acting'; readonly account: AccountId }
  | { readonly kind: 'show'; readonly route: string }
  | { readonly kind: 'unlock' | 'restart-to-update' }
  /** Whoever shows it knows what to do; it takes something back, so only a button or a named click does it. */
  | { readonly kind: 'undo' }
);

/** One notification, in plain words and with one action. */
export interface Notice {
  /** The same as long as the matter is the same. */
  readonly key: string;
  readonly title: string;
  /** At most 200 characters. */
  readonly body: string;
  readonly action: NoticeAction;
  /** Whose notification it is, when an account's; a person may mute those. */
  readonly account?: AccountId;
}

/** All that is known at one point in time. */
export interface Moment {
  readonly snapshot: Snapshot;
  readonly isLost: boolean;
  readonly update: UpdateState;
  readonly now: Date;
}

/** What has to be remembered from one moment to the next, so that nothing is said twice. */
export interface Memory {
  /** Matters that stand, told or not. */
  readonly standing: ReadonlySet<string>;
  /** When each matter was last told, for a day: not every return of it is news. */
  readonly told: ReadonlyMap<string, Date>;
  readonly acting: ReadonlyMap<AccountId, { readonly user: string; readonly since: Date }>;
  /** When each account was last seen to be told to wait. */
  readonly waiting: ReadonlyMap<string, Date>;
  /** Programs that were here before. */
  readonly apps: ReadonlySet<string>;
  readonly offlineSince: Date | undefined;
  /** The last call that was looked at. */
  readonly lastCall: number;
}

export interface Noticed {
  readonly notices: readonly Notice[];
  /** Matters that are over; their notifications can go. */
  readonly over: readonly string[];
  readonly memory: Memory;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Shorter gaps are nobody's concern. */
const OFFLINE_MS = 60_000;
/** A workspace that asks to wait again within this time is still the same matter. */
const WAIT_MS = 15 * 60_000;
export const BODY_CHARACTERS = 200;

/**
 * What to tell now. Pure. Without a memory this is the start, where only that is told which needs a person; everything
 * else of the past counts as known.
 */
export function notices(before: Memory | undefined, moment: Moment): Noticed {
  const acting = actingOf(before, moment);
  const standing = [...attentionNotices(moment), ...actingNotices(moment, acting)];
  const isNew = ({ key }: Notice): boolean => !before?.standing.has(key);
  const events = eventsOf(before, moment);
  const { told, fresh } = notTooOften([...standing.filter(isNew), ...events.back], before, moment.now);
  const keys = new Set(standing.map(({ key }) => key));
  return {
    notices: [...fresh, ...(before ? events.notices : [])],
    over: [...(before?.standing ?? [])].filter((key) => !keys.has(key)),
    memory: { ...events.memory, standing: keys, told, acting },
  };
}

/** Whether the person wants to see it. */
export function isWanted({ account }: Notice, { notifications, muted }: DesktopChoices): boolean {
  return notifications && (account === undefined || !muted.includes(account));
}

function attentionNotices({ snapshot, update }: Moment): Notice[] {
  return attentionOf(snapshot, update).flatMap((one) => {
    const told = attentionNotice(one, update);
    return told ? [told] : [];
  });
}

/** Undefined for what a person is just doing, and for an account nobody has signed in to yet. */
function attentionNotice({ id: key, why, text, action, account }: Attention, update: UpdateState) {
  const texts = noticeTexts;
  const body = shown(why, BODY_CHARACTERS);
  const plain = text.replace(/…$/, '');
  if (action === 'unlock') {
    return notice({ key, title: texts.vaultTitle, body, action: { kind: action, label: texts.unlock } });
  }
  if (action === 'restart-to-update') {
    const { version } = update;
    const title = version === null ? texts.updateUnnamedTitle : texts.updateTitle(shown(version));
    return notice({ key, title, body: texts.updateBody, action: { kind: action, label: texts.restart } });
  }
  if (!account) return undefined;
  const { id } = account;
  const name = fullName(account);
  const show = { kind: 'show', label: texts.show, route: routes.account(id) } as const;
  const signIn = { kind: 'sign-in', label: texts.signIn, account: id } as const;
  switch (action) {
    case 'sign-in':
      return signInNotice(key, body, account, signIn);
    case 'resume-sign-in':
      return key.endsWith(':asking')
        ? notice({ key, title: plain, body, action: { ...signIn, label: texts.show }, account: id })
        : undefined;
    case 'enter-key':
      return notice({
        key,
        title: texts.keyTitle(name),
        body,
        action: { ...show, label: texts.replaceKey },
        account: id,
      });
    case 'show-account':
      return notice({ key, title: texts.supportTitle(name), body, action: show, account: id });
    default:
      return action satisfies never;
  }
}

function signInNotice(key: string, body: string, account: AccountView, action: NoticeAction) {
  const { id, condition, signInReason } = account;
  const name = fullName(account);
  const texts = noticeTexts;
  if (condition.state !== 'sign-in-needed') {
    const scope = texts.scopeBody(shown(condition.wider ?? '', 80));
    return notice({ key, title: texts.scopeTitle(name), body: scope, action, account: id });
  }
  if (signInReason === 'never') return undefined;
  const hasEnded = signInReason === 'ended' || signInReason === 'client-lost';
  const title = hasEnded ? texts.endedTitle(name) : texts.signInTitle(name);
  return notice({ key, title, body, action: { ...action, label: texts.signInAgain }, account: id });
}

function notice(given: Notice): Notice {
  return given;
}

/**
 * What comes and goes, such as a keychain that locks with the screen, is told once an hour, a sign-in that keeps ending once
 * a day; the tray shows both all the time. Each question of a sign-in is another one.
 */
function notTooOften(fresh: readonly Notice[], before: Memory | undefined, now: Date) {
  const age = (at: Date): number => now.getTime() - at.getTime();
  const told = new Map([...(before?.told ?? [])].filter(([, at]) => age(at) < DAY_MS));
  const kept = fresh.filter(({ key, account }) => {
    if (key.endsWith(':asking')) return true;
    const isSignIn = account !== undefined && /^(?:sign-in|key):/.test(key);
    const matter = isSignIn ? `sign-in:${account}` : key;
    const last = told.get(matter);
    if (last && age(last) < (isSignIn ? DAY_MS : HOUR_MS)) return false;
    told.set(matter, now);
    return true;
  });
  return { told, fresh: kept };
}

function actingOf(before: Memory | undefined, { snapshot, now }: Moment): Memory['acting'] {
  return new Map(
    snapshot.accounts.flatMap((account) => {
      const user = account.actingAs?.value;
      if (user === undefined) return [];
      const known = before?.acting.get(account.id);
      return [[account.id, known?.user === user ? known : { user, since: now }] as const];
    }),
  );
}

function actingNotices({ snapshot, now }: Moment, acting: Memory['acting']): Notice[] {
  const texts = noticeTexts;
  return snapshot.accounts.flatMap((account) => {
    const since = acting.get(account.id)?.since;
    const user = effectiveUser(account)?.value;
    if (!since || user === undefined || now.getTime() - since.getTime() < HOUR_MS) return [];
    const { id } = account;
    return [
      {
        key: `acting:${id}:${since.toISOString()}`,
        title: texts.actingTitle(shown(user)),
        body: texts.actingBody(fullName(account)),
        action: { kind: 'stop-acting', label: texts.stop, account: id },
        account: id,
      },
    ];
  });
}

/** What happened since the last moment, rather than what stands. */
function eventsOf(before: Memory | undefined, moment: Moment) {
  const { snapshot, isLost, now } = moment;
  const apps = appNotices(before, moment);
  const limits = limitNotices(before, moment);
  const isAway = isLost || isOffline(snapshot);
  const since = before?.offlineSince;
  const wasAway = since !== undefined && now.getTime() - since.getTime() >= OFFLINE_MS;
  return {
    notices: [...apps.notices, ...limits.notices],
    back: !isAway && wasAway ? [onlineNotice()] : [],
    memory: {
      apps: apps.apps,
      waiting: limits.waiting,
      offlineSince: isAway ? (since ?? now) : undefined,
      lastCall: Math.max(before?.lastCall ?? 0, ...snapshot.recent.map(({ id }) => id)),
    },
  };
}

function onlineNotice(): Notice {
  const { onlineTitle: title, onlineBody: body, show } = noticeTexts;
  return {
    key: 'online',
    title,
    body,
    action: { kind: 'show', label: show, route: routes.accounts },
  };
}

/** A program is new when neither a conversation, nor a call, nor a used token was ever seen of it. */
function appNotices(before: Memory | undefined, { snapshot }: Moment) {
  const { sessions, recent, clients, accounts } = snapshot;
  const known = new Set(before?.apps);
  const found: Notice[] = [];
  const used = clients.filter(({ lastUsedAt }) => lastUsedAt !== null).map(({ label }) => label);
  if (!before) for (const name of [...recent.map(({ client }) => client), ...used]) known.add(appName(name));
  for (const { program, client, account: id } of sessions) {
    // Before it has introduced itself there is nothing to call it by.
    if (program === null || known.has(appName(program))) continue;
    const name = appName(program);
    const isKnownToken = known.has(appName(client));
    known.add(name);
    if (isKnownToken) continue;
    const account = accounts.find((one) => one.id === id);
    const texts = noticeTexts;
    found.push({
      key: `app:${name}`,
      title: texts.appTitle(name),
      body: account ? texts.appBody(name, fullName(account)) : texts.appBodyNoAccount(name),
      action: { kind: 'show', label: texts.show, route: routes.apps },
    });
  }
  return { notices: found, apps: known };
}

/** Calls that a workspace turned away for a while. Until when is in no snapshot, so the time of the call is told. */
function limitNotices(before: Memory | undefined, { snapshot, now }: Moment) {
  const waiting = new Map(before?.waiting);
  const found: Notice[] = [];
  const texts = noticeTexts;
  const calls = snapshot.recent.filter(
    ({ id, code }) => id > (before?.lastCall ?? 0) && code === trouble.wait.rpc,
  );
  for (const call of calls.sort((a, b) => a.id - b.id)) {
    const account = snapshot.accounts.find(({ id }) => id === call.account);
    if (!account) continue;
    const at = new Date(call.at);
    const last = waiting.get(account.id);
    waiting.set(account.id, at);
    if (last && at.getTime() - last.getTime() < WAIT_MS) continue;
    found.push({
      key: `limit:${account.id}`,
      title: texts.limitTitle(fullName(account)),
      body: texts.limitBody(appName(call.client), clock(at, now)),
      action: { kind: 'show', label: texts.show, route: routes.activity },
      account: account.id,
    });
  }
  return { notices: found, waiting };
}
