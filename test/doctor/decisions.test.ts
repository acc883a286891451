import { describe, expect, test } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import { summaryOf } from '#bridge/cli/commands/doctor.ts';
import { conditionFindings } from '#bridge/doctor/accounts.ts';
import { clientFindings } from '#bridge/doctor/clients.ts';
import { checksOf, type Finding } from '#bridge/doctor/findings.ts';
import { fileLimitFindings } from '#bridge/doctor/gangway-itself.ts';
import {
  cloudFindings,
  lookAtDataFolder,
  quoted,
  shareFindings,
  spaceFindings,
} from '#bridge/doctor/home-folder.ts';
import { thisMachine } from '#bridge/doctor/machine.ts';
import { clockFindings } from '#bridge/doctor/network.ts';
import type { OutsideLook } from '#bridge/doctor/outside.ts';
import { inodesOfPort } from '#bridge/doctor/processes.ts';
import { reportOf, withOwner, withoutOwner } from '#bridge/doctor/report.ts';
import { Slug } from '#contract/account.ts';
import type { ClientConnection, ClientView } from '#contract/clients.ts';
import type { AccountView } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import { temporaryHome } from '../canary/home.ts';
import { anAccount } from '../cli/a-control.ts';

const idsOf = (findings: readonly Pick<Finding, 'id' | 'state'>[]): string[] =>
  findings.map(({ state, id }) => `${state} ${id}`);

describe('where the data folder lies', () => {
  test.each([
    ['/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/Gangway', 'iCloud'],
    ['C:\\Users\\ada\\OneDrive - Acme\\Gangway', 'OneDrive'],
    ['/home/ada/Dropbox/gangway', 'Dropbox'],
    ['/Users/ada/Library/CloudStorage/GoogleDrive-ada/My Drive/gangway', 'Google Drive'],
    ['/Users/ada/Library/CloudStorage/Box-Box/gangway', 'a cloud drive'],
  ])('FS-10 %s is copied by %s', (place, cloud) => {
    const [found] = cloudFindings(place);
    expect(found).toMatchObject({ id: 'folder-synced', subject: place });
    expect(found?.text).toContain(`lies in ${cloud},`);
  });

  test('FS-10 a name that only looks like one of a cloud is none', () => {
    for (const place of [
      '/home/ada/.local/share/gangway',
      '/home/ada/Dropboxes/gangway',
      '/srv/onedrivers/x',
    ]) {
      expect(cloudFindings(place)).toEqual([]);
    }
  });

  test('FS-10 a network drive', () => {
    const linux = { platform: 'linux' } as const;
    expect(idsOf(shareFindings('/mnt/x', 0x6969, linux))).toEqual(['notice folder-shared']);
    // As a signed number, which 32-bit kinds of file systems may come as.
    expect(idsOf(shareFindings('/mnt/x', 0xff534d42 | 0, linux))).toEqual(['notice folder-shared']);
    expect(shareFindings('/home/x', 0xef53, linux)).toEqual([]);
    expect(idsOf(shareFindings('\\\\server\\share', undefined, { platform: 'win32' }))).toEqual([
      'notice folder-shared',
    ]);
    expect(shareFindings('C:\\Users\\ada', undefined, { platform: 'win32' })).toEqual([]);
  });

  test('FS-04 a disk that is almost full, and one that is full', async () => {
    const MB = 1024 * 1024;
    expect(idsOf(spaceFindings('/x', 4 * MB))).toEqual(['bad disk-full']);
    expect(spaceFindings('/x', 4.7 * MB)[0]?.text).toContain('4 MB are free');
    expect(idsOf(spaceFindings('/x', 49 * MB))).toEqual(['notice disk-low']);
    expect(spaceFindings('/x', 50 * MB)).toEqual([]);
    expect(spaceFindings('/x', undefined)).toEqual([]);
    await using home = await temporaryHome();
    const full = { ...thisMachine(), space: async () => ({ free: MB, kind: 0 }) };
    expect(idsOf(await lookAtDataFolder({ home: home.path }, full))).toEqual(['bad disk-full']);
  });

  test('FS-09 one that belongs to somebody else', async () => {
    await using home = await temporaryHome();
    const other = { ...thisMachine(), user: 4711 };
    expect(idsOf(await lookAtDataFolder({ home: home.path }, other))).toEqual(['bad folder-foreign']);
  });

  test('a path in a command can be pasted', () => {
    expect(quoted('/home/ada/.local/share/gangway')).toBe('/home/ada/.local/share/gangway');
    expect(quoted("/home/ada/it's mine")).toBe("'/home/ada/it'\\''s mine'");
  });
});

describe('CL-01: the clock, as others tell it', () => {
  const heard = (...minutes: number[]) =>
    minutes.map((ahead, index) => ({ host: `host-${index}`, aheadMs: ahead * 60_000 }));

  test.each([
    ['nobody told the time', [], []],
    ['it agrees', [0, 4.9], ['ok clock']],
    ['it is ahead of everybody', [120, 121], ['bad clock-off']],
    ['it is behind', [-6], ['bad clock-off']],
    ['one of several differs', [0, 90, 1], ['notice workspace-clock-off']],
  ])('%s', (_, minutes, expected) => {
    expect(idsOf(clockFindings(heard(...minutes)))).toEqual(expected);
  });

  test('says in which direction', () => {
    expect(clockFindings(heard(-7))[0]?.text).toContain('wrong by 7 minutes: it is behind');
    expect(clockFindings(heard(7))[0]?.text).toContain('it is ahead');
  });
});

test('the process of a port is found by the inode in the table of Linux', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:A8CA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 52321 1 0 100 0 0 10 0',
    '   1: 0100007F:A8CA 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 52322 1 0 20 4 30 10 -1',
    '   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 999 1 0 100 0 0 10 0',
  ].join('\n');
  expect(inodesOfPort(table, 0xa8ca)).toEqual(['52321']);
  expect(inodesOfPort(table, 22)).toEqual(['999']);
  expect(inodesOfPort(table, 80)).toEqual([]);
});

test('few files', () => {
  expect(idsOf(fileLimitFindings(255))).toEqual(['notice few-files']);
  expect(fileLimitFindings(256)).toEqual([]);
  expect(fileLimitFindings(undefined)).toEqual([]);
});

test.each([
  ['ready', []],
  ['signing-in', ['ok account']],
  ['sign-in-needed', ['bad sign-in-needed']],
  ['locked', ['skipped account']],
  ['offline', ['notice sign-in-offline']],
  ['blocked', ['bad sign-in-blocked']],
  ['misconfigured', ['bad sign-in-misconfigured']],
  ['unsaved', ['notice sign-in-unsaved']],
] as const)('an account that is %s', (state, expected) => {
  const condition = { state, text: 'So it is.', action: 'none' } as const;
  expect(idsOf(conditionFindings(anAccount({ condition })))).toEqual(expected);
});

test('an account that is refused for now, or lacks a permission, goes on by itself or needs one sign-in', () => {
  const waiting = { state: 'blocked', text: 'So it is.', action: 'wait' } as const;
  expect(idsOf(conditionFindings(anAccount({ condition: waiting })))).toEqual(['notice sign-in-blocked']);
  const wider = { state: 'ready', text: 'A call needed more.', action: 'sign-in', wider: 'write' } as const;
  expect(conditionFindings(anAccount({ condition: wider }))).toMatchObject([
    { id: 'permission-missing', subject: 'acme', fix: 'Allow it by signing in again: gangway login acme' },
  ]);
});

describe('entries in the settings of apps', () => {
  const client = (change: Partial<ClientConnection> | undefined): ClientView => ({
    id: 'cursor',
    name: 'Cursor',
    found: true,
    way: 'file',
    doors: ['http', 'stdio'],
    places: [{ path: '/home/ada/.cursor/mcp.json', exists: true }],
    takesEffect: 'reload',
    effect: 'Restart Cursor.',
    bundle: false,
    note: null,
    connections: change
      ? [
          {
            address: 'acme',
            door: 'http',
            entry: 'gangway-acme',
            path: '/home/ada/.cursor/mcp.json',
            writtenAt: '2026-11-21T09:00:00.000Z',
            state: 'seen',
            text: 'So it is.',
            action: 'none',
            seen: null,
            ...change,
          },
        ]
      : [],
    backups: [],
  });

  const account = (change: Partial<AccountView>): AccountView =>
    anAccount({ slug: Slug.parse('acme'), connector: 'custom', ...change });
  const open = { isDoorOpen: true, accounts: [account({})] };

  test.each([
    [{ state: 'seen' }, 'ok client'],
    [{ state: 'waiting' }, 'ok client'],
    [{ state: 'waiting', action: 'restart-client' }, 'notice client-waiting'],
    [{ state: 'changed', action: 'review' }, 'notice entry-changed'],
    [{ state: 'gone', action: 'repair' }, 'bad entry-gone'],
    [{ state: 'unreadable' }, 'bad client-file-unreadable'],
    [{ state: 'unusable', action: 'repair' }, 'bad entry-unusable'],
    [{ state: 'unusable', action: 'none' }, 'bad entry-unusable'],
    [{ state: 'unusable', action: 'fix-account' }, 'skipped client'],
  ] as const)('%o is %s', (change, expected) => {
    expect(idsOf(clientFindings([client(change)], open))).toEqual([expected]);
  });

  test('an entry that waits for the HTTP door is left to the check of the door', () => {
    const unusable = { state: 'unusable', action: 'none' } as const;
    expect(idsOf(clientFindings([client(unusable)], { ...open, isDoorOpen: false }))).toEqual([
      'skipped client',
    ]);
    expect(
      idsOf(clientFindings([client({ ...unusable, door: 'stdio' })], { ...open, isDoorOpen: false })),
    ).toEqual(['bad entry-unusable']);
  });

  test('the fix names the app and the address', () => {
    const [gone] = clientFindings([client({ state: 'gone', action: 'repair' })], open);
    expect(gone).toMatchObject({ subject: 'cursor', fix: 'Write it again: gangway connect cursor acme' });
    const [current] = clientFindings([client({ state: 'gone', address: 'current' })], open);
    expect(current?.fix).toBe('Write it again: gangway connect cursor');
  });

  test('an entry of several is taken out by its own name', () => {
    const [gone] = clientFindings([client({ state: 'unusable', action: 'none' })], open);
    expect(gone?.fix).toBe('Take it out: gangway disconnect cursor acme');
  });

  const custom = { current: false, active: false } as const;
  test.each([
    ['current', [], 'skipped client', null],
    ['current', [account({ current: true })], 'skipped client', null],
    ['current', [account(custom)], 'bad no-account-chosen', 'Choose one: gangway use acme'],
    [
      'current',
      [account(custom), account({ ...custom, slug: Slug.parse('beta') })],
      'bad no-account-chosen',
      'Choose one: gangway use NAME',
    ],
    ['custom', [account({ current: false, active: true })], 'skipped client', null],
    ['custom', [account(custom)], 'bad no-account-chosen', 'Choose one: gangway use acme'],
    [
      'pelcro',
      [account({ current: true, active: true })],
      'bad no-account-chosen',
      'Add one: gangway add pelcro',
    ],
    ['acme', [account(custom)], 'skipped client', null],
  ] as const)('nobody chose an account for %s among %o', (address, accounts, expected, fix) => {
    const entry = client({ address, state: 'unusable', action: 'fix-account' });
    const findings = clientFindings([entry], { isDoorOpen: true, accounts });
    expect(idsOf(findings)).toEqual([expected]);
    expect(findings[0]?.fix).toBe(fix);
  });

  test('no app is set up', () => {
    expect(clientFindings([client(undefined)], open)).toMatchObject([
      { id: 'no-client', state: 'notice', fix: 'Connect one: gangway connect cursor' },
    ]);
    expect(clientFindings([{ ...client(undefined), found: false }], open)).toMatchObject([
      { id: 'no-client', fix: 'See which apps it knows: gangway clients --all' },
    ]);
  });
});

describe('a report of two looks', () => {
  const files = checksOf('files');
  const doors = checksOf('doors');
  const at = new Date('2026-11-21T09:00:00Z');
  const outside = (findings: Finding[], change: Partial<OutsideLook> = {}): OutsideLook => ({
    findings,
    isReachable: true,
    isRunning: true,
    isPortTaken: false,
    ...change,
  });
  const mended: Finding = {
    ...files.notice('folder-open', 'It is open.', 'Close it.', '/x'),
    lasts: { text: 'It was open.', fix: 'Nothing.' },
  };

  test('what a start put right is said in other words; what the owner sees itself is said once', () => {
    const good = reportOf('1', at, [files.ok('data-folder', 'It is fine.')]);
    expect(withOwner(outside([mended]), good).checks).toMatchObject([
      { id: 'data-folder' },
      { id: 'folder-open', text: 'It was open.', fix: 'Nothing.' },
    ]);
    const same = reportOf('1', at, [mended]);
    expect(withOwner(outside([mended]), same).checks).toMatchObject([{ text: 'It is open.' }]);
  });

  test('what the owner looked at later replaces the earlier look', () => {
    const earlier = files.bad('file-damaged', 'It is damaged.', 'Replace it.', '/x');
    expect(withOwner(outside([earlier]), reportOf('1', at, [])).checks).toEqual([]);
  });

  test('a port that was taken replaces what a bridge without a door says of it', () => {
    const taken: Finding = { ...doors.bad('port-taken', 'It is taken.', 'Free it.', '1'), lasts: 'as-it-is' };
    const report = reportOf('1', at, [doors.ok('http-door', 'It is closed.')]);
    const { checks } = withOwner(outside([taken], { isPortTaken: true }), report);
    expect(idsOf(checks)).toEqual(['bad port-taken']);
  });

  test('areas stand in their order and nothing but the contract is in a check', () => {
    const { checks } = reportOf('1', at, [doors.ok('socket', 'Fine.'), mended]);
    expect(checks.map(({ area }) => area)).toEqual(['files', 'doors']);
    expect(Object.keys(checks[0] ?? {})).toEqual(['id', 'area', 'state', 'subject', 'text', 'fix']);
  });

  test('a failure that nothing explains is a check; one that is explained is not said twice', () => {
    const given = { version: '1', at, paths: pathsFor('/x', {}) };
    const failure = new BridgeError('storage', 'It cannot be saved.');
    expect(withoutOwner(outside([]), failure, given).checks).toMatchObject([
      { id: 'bridge-unusable', state: 'bad', text: 'Gangway cannot be asked: It cannot be saved.' },
    ]);
    const cause = files.bad('file-unreadable', 'It cannot be read.', 'Open it.', '/x');
    expect(idsOf(withoutOwner(outside([cause]), failure, given).checks)).toEqual([
      'skipped bridge',
      'bad file-unreadable',
    ]);
    const newer = new BridgeError('newer-file', `${given.paths.accounts} was made by a newer Gangway.`);
    expect(withoutOwner(outside([]), newer, given).checks).toMatchObject([
      { id: 'bridge' },
      { id: 'file-newer', subject: given.paths.accounts },
    ]);
  });

  test('texts are cut where the contract wants it, never within a character', () => {
    const { text } = files.ok('x', `${'a'.repeat(298)}😀 and more`);
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text.isWellFormed()).toBe(true);
  });
});

test.each([
  [[], 'All is well.'],
  [['ok', 'skipped'], 'All is well.'],
  [['notice'], 'Nothing needs you. 1 thing is worth knowing.'],
  [['bad', 'ok'], '1 thing needs you.'],
  [['bad', 'bad', 'notice', 'notice'], '2 things need you. 2 things are worth knowing.'],
] as const)('%o: %s', (states, line) => {
  expect(summaryOf(states.map((state) => ({ state })))).toBe(line);
});
