import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DesktopChoices, UpdateState } from '#contract/desktop.ts';
import type { Notice } from '#main/notices.ts';
import { type NotificationParts, type Notifications, openNotifications } from '#main/notifications.ts';
import { preventable } from '../electron/announcer.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { account, acme, actions, aSnapshot, ENDED, NO_UPDATE, NOON, ops, Told, three } from './a-tray.ts';

const sick = aSnapshot({ accounts: [account('Acme', ENDED)] });
const undoable: Notice = {
  key: 'switch',
  title: 'Pelcro is now Beta',
  body: 'New calls use Beta.',
  action: { kind: 'undo', label: 'Undo' },
};

let open: Notifications | undefined;

function opened(snapshot = three, more: Partial<NotificationParts> = {}) {
  const told = new Told(snapshot);
  const { act, done } = actions();
  const choices: DesktopChoices = { notifications: true, muted: [], askBeforeQuit: true, knowsTray: true };
  const update: UpdateState = { ...NO_UPDATE };
  const shell = openNotifications({
    latest: told,
    choices: () => choices,
    update: () => update,
    act,
    platform: 'darwin',
    ...more,
  });
  open = shell;
  return { told, done, choices, update, shell };
}

const titles = (): string[] => desktop().notes.map(({ title }) => title);

beforeEach(() => {
  newDesktop();
  vi.useFakeTimers({
    now: NOON,
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date'],
  });
});

afterEach(() => {
  open?.[Symbol.dispose]();
  vi.useRealTimers();
});

test('trouble appears when the snapshot has it, and goes with it', () => {
  const { told } = opened();
  expect(titles()).toEqual([]);
  told.tell(sick);
  expect(titles()).toEqual(['Pelcro Acme: access has ended']);
  told.tell(three);
  expect(titles()).toEqual([]);
});

test('nothing is said before anything is known', () => {
  const { told } = opened(three, { latest: new Told() });
  expect([titles(), told.snapshot]).toEqual([[], three]);
});

test('trouble from before the start appears at the start', () => {
  opened(sick);
  expect(titles()).toEqual(['Pelcro Acme: access has ended']);
});

describe('a click', () => {
  test('on the notification does its one thing', () => {
    const { done } = opened(sick);
    desktop().notes[0]?.press();
    expect(done).toEqual([['signIn', 'acc_Acme0000']]);
  });

  test.each(['darwin', 'win32'] as const)('on its button does it too, on %s', (platform) => {
    const { done } = opened(sick, { platform });
    desktop().notes[0]?.act('Sign in again');
    expect(done).toEqual([['signIn', 'acc_Acme0000']]);
  });

  test('on Linux is explained, because there are no buttons', () => {
    opened(sick, { platform: 'linux' });
    expect(desktop().notes[0]).toMatchObject({ actions: [] });
    expect(desktop().notes[0]?.body).toMatch(/\nClick to do this: Sign in again$/);
  });

  test.each<[Notice['action'], unknown[]]>([
    [{ kind: 'stop-acting', label: 'x', account: ops.id }, ['actAs', ops.id, null]],
    [{ kind: 'show', label: 'x', route: '/apps' }, ['showWindow', '/apps']],
    [{ kind: 'unlock', label: 'x' }, ['unlock']],
    [{ kind: 'restart-to-update', label: 'x' }, ['restartToUpdate']],
  ])('does %j', (action, expected) => {
    const { shell, done } = opened();
    shell.show({ ...undoable, action });
    desktop().notes[0]?.act('x');
    expect(done).toEqual([expected]);
  });

  test('on the words does not undo anything where a button can', () => {
    const { shell, done } = opened();
    const undo = vi.fn();
    shell.show(undoable, { undo });
    desktop().notes[0]?.press();
    expect(undo).not.toHaveBeenCalled();
    expect(done).toEqual([['showWindow']]);
    shell.show(undoable, { undo });
    desktop().notes[0]?.act('Undo');
    expect(undo).toHaveBeenCalledOnce();
  });

  test('undoes on Linux, where the words say so', () => {
    const { shell } = opened(three, { platform: 'linux' });
    const undo = vi.fn();
    shell.show(undoable, { undo });
    expect(desktop().notes[0]?.body).toBe('New calls use Beta.\nClick to do this: Undo');
    desktop().notes[0]?.press();
    expect(undo).toHaveBeenCalledOnce();
  });
});

test('nothing can be undone any more after ten seconds, when somebody may rely on it', () => {
  const { shell } = opened();
  shell.show(undoable);
  shell.show({ ...undoable, key: 'other', action: { kind: 'show', label: 'Show', route: '/' } });
  vi.advanceTimersByTime(9_900);
  shell.show({ ...undoable, title: 'Pelcro is now Acme' });
  vi.advanceTimersByTime(5_000);
  expect(titles()).toEqual(['Pelcro is now Beta', 'Pelcro is now Acme']);
  vi.advanceTimersByTime(5_000);
  expect(titles()).toEqual(['Pelcro is now Beta']);
  expect(desktop().notes[0]?.actions.map(({ text }) => text)).toEqual(['Show']);
});

test('on Linux no sign in the words can begin markup, nor an escape that some panels would show', () => {
  const { shell } = opened(three, { platform: 'linux' });
  const body = 'A & B: <a href="https://evil.example/">sign in</a> &amp; <img src="file:///x">';
  shell.show({ ...undoable, body, action: { kind: 'show', label: 'Show', route: '/' } });
  const said = desktop().notes[0]?.body ?? '';
  expect(said).not.toMatch(/[<>&]/);
  expect(said).toContain('A ＆ B: ‹a href="https://evil.example/"›sign in');
  shell[Symbol.dispose]();
  const mac = opened(three, { platform: 'darwin' });
  mac.shell.show({ ...undoable, body });
  expect(desktop().notes[0]?.body).toBe(body);
});

test('one matter has one notification, the latest', () => {
  const { shell } = opened();
  expect(shell.show(undoable)).toBe(true);
  shell.show({ ...undoable, title: 'Pelcro is now Acme' });
  expect(titles()).toEqual(['Pelcro is now Acme']);
});

test('somebody who wants none gets none, and whoever shows one hears of it', () => {
  const { told, choices, shell } = opened();
  choices.notifications = false;
  told.tell(sick);
  expect(shell.show(undoable)).toBe(false);
  expect(titles()).toEqual([]);
});

test('what the system did not show after all is told to whoever needs it to be seen', () => {
  const { shell } = opened();
  const unseen = vi.fn();
  shell.show(undoable, { unseen });
  expect(unseen).not.toHaveBeenCalled();
  desktop().notes[0]?.announce('failed', preventable(), 'Notifications are not allowed');
  expect(unseen).toHaveBeenCalledOnce();
});

test('a muted account is quiet', () => {
  const { told, choices } = opened();
  choices.muted.push(acme.id);
  told.tell(sick);
  expect(titles()).toEqual([]);
});

test('a system without notifications is no trouble', () => {
  newDesktop({ canNotify: false });
  const { shell } = opened(sick);
  expect(shell.show(undoable)).toBe(false);
  expect(titles()).toEqual([]);
});

test('acting as somebody else is told after an hour by the clock alone', () => {
  opened(aSnapshot({ accounts: [{ ...ops, actingAs: { by: 'email', value: 'ann@acme.example' } }] }));
  vi.advanceTimersByTime(59 * 60_000);
  expect(titles()).toEqual([]);
  vi.advanceTimersByTime(2 * 60_000);
  expect(titles()).toEqual(['Still acting as ann@acme.example']);
});

test('an update is told when somebody says that there is one', () => {
  const { update, shell } = opened();
  Object.assign(update, { state: 'ready', version: '1.2.0' });
  expect(titles()).toEqual([]);
  shell.look();
  expect(titles()).toEqual(['Gangway 1.2.0 is ready']);
});

test('nothing stays on the screen, and nothing comes, once it is closed', () => {
  const { told, shell } = opened(sick);
  shell[Symbol.dispose]();
  expect(titles()).toEqual([]);
  told.tell(three);
  told.tell(aSnapshot({ accounts: [account('Beta', ENDED)] }));
  vi.advanceTimersByTime(3_600_000);
  expect(titles()).toEqual([]);
  // Such as a call that failed because the app ends.
  expect(shell.show({ ...undoable, key: 'failed' })).toBe(false);
  expect(titles()).toEqual([]);
});
