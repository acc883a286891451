import { describe, expect, test } from 'vitest';
import { becauseOf } from '#bridge/vault/keychain-errors.ts';
import { childEnvironment } from '#bridge/vault/keychain-process.ts';
import { type Because, notReady, troubles } from '#bridge/vault/trouble.ts';

const OUTSIDE = "Couldn't access platform storage: ";
const INSIDE = 'Platform failure: ';

/** Messages seen on Linux; for the other systems composed as the libraries compose them. */
const messages: readonly (readonly [NodeJS.Platform, string, Because])[] = [
  [
    'linux',
    `${INSIDE}DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead`,
    'no-keychain',
  ],
  [
    'linux',
    `${INSIDE}DBus error: The name org.freedesktop.secrets was not provided by any .service files`,
    'no-keychain',
  ],
  [
    'linux',
    `${INSIDE}DBus error: Failed to connect to socket /run/user/1000/bus: No such file or directory`,
    'no-keychain',
  ],
  ['linux', `${OUTSIDE}Secret Service: no result found`, 'no-collection'],
  ['linux', `${OUTSIDE}Secret Service: unlock prompt was dismissed`, 'locked'],
  ['linux', `${OUTSIDE}Secret Service: object locked`, 'locked'],
  [
    'linux',
    'zbus error: org.freedesktop.Secret.Error.IsLocked: Cannot get secret of a locked object',
    'locked',
  ],
  [
    'linux',
    `${INSIDE}DBus error: Did not receive a reply. Possible causes include: the remote application did not send a reply`,
    'not-answering',
  ],
  ['linux', 'something new', 'unrecognised'],
  ['darwin', `${INSIDE}User interaction is not allowed.`, 'locked'],
  ['darwin', `${INSIDE}error code -25308`, 'locked'],
  [
    'darwin',
    `${INSIDE}The user interface cannot be displayed because the system is in a dark wake state.`,
    'locked',
  ],
  ['darwin', `${INSIDE}User canceled the operation.`, 'denied'],
  ['darwin', `${INSIDE}error code -128`, 'denied'],
  ['darwin', `${INSIDE}The user name or passphrase you entered is not correct.`, 'denied'],
  ['darwin', `${INSIDE}A required entitlement isn't present.`, 'denied'],
  ['darwin', `${INSIDE}Der Vorgang wurde vom Benutzer abgebrochen.`, 'denied'],
  ['darwin', `${OUTSIDE}No keychain is available. You may need to restart your computer.`, 'no-keychain'],
  ['darwin', `${OUTSIDE}The specified keychain could not be found.`, 'no-keychain'],
  ['darwin', `${INSIDE}A default keychain could not be found.`, 'no-keychain'],
  ['win32', `${OUTSIDE}Windows ERROR_NO_SUCH_LOGON_SESSION`, 'no-keychain'],
  ['win32', `${INSIDE}Windows error code 5`, 'denied'],
  ['win32', `${INSIDE}Windows error code 13`, 'key-missing'],
  ['win32', `${INSIDE}Windows error code 2148073483`, 'key-missing'],
  ['win32', `${INSIDE}Windows error code 1359`, 'unrecognised'],
];

test.for(messages)('on %s "%s" means %s', ([platform, message, because]) => {
  expect(becauseOf(message, platform)).toBe(because);
});

test('what is said fits on a card, names one thing to do and the state it stands for', () => {
  for (const because of Object.keys(troubles) as Because[]) {
    const error = notReady(because);
    expect(error.code).toBe(`vault-${troubles[because].state}`);
    expect(error.message.length).toBeLessThanOrEqual(300);
    expect(error.message).toMatch(/\.$/);
  }
});

describe('the environment of the keychain process', () => {
  const noSocket = (): boolean => false;

  test('holds what the keychain needs and nothing else of ours', () => {
    const environment = {
      HOME: '/home/ann',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
      NODE_OPTIONS: '--inspect',
      GANGWAY_PASSPHRASE_FILE: '/secret',
      API_KEY: 'x',
    };
    expect(childEnvironment(environment, 'linux', 1000, noSocket)).toEqual({
      HOME: '/home/ann',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
    });
  });

  test('finds the session bus where systemd puts it when the client that started us told us nothing', () => {
    const asked: string[] = [];
    const found = childEnvironment({ HOME: '/home/ann' }, 'linux', 1000, (path, uid) => {
      asked.push(`${uid} ${path}`);
      return true;
    });
    expect(asked).toEqual(['1000 /run/user/1000/bus']);
    expect(found).toEqual({
      HOME: '/home/ann',
      XDG_RUNTIME_DIR: '/run/user/1000',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
    });
  });

  test('invents no bus: not where there is no socket of ours, not on other systems', () => {
    expect(childEnvironment({}, 'linux', 1000, noSocket)).toEqual({});
    expect(childEnvironment({}, 'darwin', 501, () => true)).toEqual({});
    expect(childEnvironment({}, 'win32', undefined, () => true)).toEqual({});
  });
});
