import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import type { SettingsChange } from '#contract/settings.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';

const defaults = {
  http: true,
  startOwner: true,
  activityDays: 90,
  activityBodies: false,
  paused: false,
  readOnly: false,
  proxy: { mode: 'system' },
};

test('without a file every setting has its default, and no file is made', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  expect((await SettingsStore.open(path, silentLog)).current).toEqual(defaults);
  await expect(readFile(path)).rejects.toThrow('ENOENT');
});

test('a change keeps all other settings, is saved and announced once', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  const store = await SettingsStore.open(path, silentLog);
  const seen: unknown[] = [];
  using _subscription = store.changed.on((change) => seen.push(change));
  await store.set({ port: 4711, http: false });
  await store.set({ paused: true });
  await store.set({ paused: true });
  const after = { ...defaults, port: 4711, http: false, paused: true };
  expect(store.current).toEqual(after);
  expect(seen).toEqual([
    { before: defaults, after: { ...after, paused: false } },
    { before: { ...after, paused: false }, after },
  ]);
  expect((await SettingsStore.open(path, silentLog)).current).toEqual(after);
});

test('changes made at the same moment do not undo each other', async () => {
  await using home = await temporaryHome();
  const store = await SettingsStore.open(join(home.path, 'settings.json'), silentLog);
  await Promise.all([
    store.set({ paused: true }),
    store.set({ activityDays: 7 }),
    store.set({ http: false }),
  ]);
  expect(store.current).toEqual({ ...defaults, paused: true, activityDays: 7, http: false });
});

test.each([{ port: 80 }, { activityDays: -1 }, { activityDays: 1.5 }, { paused: 'yes' }, { unheardOf: 1 }])(
  '%j is refused by name and changes nothing',
  async (change) => {
    await using home = await temporaryHome();
    const store = await SettingsStore.open(join(home.path, 'settings.json'), silentLog);
    const message = await laterRefusal(() => store.set(change as SettingsChange));
    expect(message).toContain(Object.keys(change)[0]);
    expect(store.current).toEqual(defaults);
  },
);

test('version 0 is lifted to version 1 with all its settings, and the old file is kept', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  const version0 = { version: 0, port: 4711, http: false, activityDays: 7, paused: true };
  await writeFile(path, JSON.stringify(version0));
  const store = await SettingsStore.open(path, silentLog);
  expect(store.current).toEqual({ ...defaults, port: 4711, http: false, activityDays: 7, paused: true });
  expect(JSON.parse(await readFile(`${path}.v0`, 'utf8'))).toEqual(version0);
  await store.set({ readOnly: true });
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1, readOnly: true, port: 4711 });
});

test('a file of a newer Gangway is refused and left untouched', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  await writeFile(path, '{"version":2,"unheardOf":1}');
  await laterRefusal(() => SettingsStore.open(path, silentLog), 'newer-file');
  expect(await readFile(path, 'utf8')).toBe('{"version":2,"unheardOf":1}');
});

describe('the end of a pause', () => {
  const noon = new Date('2026-11-21T12:00:00.000Z');
  const opened = async (path: string) => SettingsStore.open(join(path, 'settings.json'), silentLog);

  test('is kept over other changes and a restart', async () => {
    await using home = await temporaryHome();
    const store = await opened(home.path);
    await store.pause(noon);
    await store.set({ activityDays: 7 });
    const expected = { ...defaults, activityDays: 7, paused: true, pausedUntil: noon.toISOString() };
    expect(store.current).toEqual(expected);
    expect((await opened(home.path)).current).toEqual(expected);
  });

  test.each<[string, (store: SettingsStore) => Promise<unknown>, boolean]>([
    ['resumes', (store) => store.set({ paused: false }), false],
    ['pauses by the setting', (store) => store.set({ paused: true }), true],
    ['pauses without an end', (store) => store.pause(undefined), true],
  ])('is forgotten when somebody %s', async (_, act, paused) => {
    await using home = await temporaryHome();
    const store = await opened(home.path);
    await store.pause(noon);
    await act(store);
    expect(store.current).toEqual({ ...defaults, paused });
  });

  test('ends the pause once it has come, and no other', async () => {
    await using home = await temporaryHome();
    const store = await opened(home.path);
    await store.pause(noon);
    await store.endPause(new Date(noon.getTime() - 1));
    expect(store.current).toMatchObject({ paused: true, pausedUntil: noon.toISOString() });
    await store.endPause(noon);
    expect(store.current).toEqual(defaults);
    await store.pause(undefined);
    await store.endPause(new Date(noon.getTime() + 1_000_000));
    expect(store.current).toEqual({ ...defaults, paused: true });
  });

  test('cannot be set by itself', async () => {
    await using home = await temporaryHome();
    const store = await opened(home.path);
    const change = { pausedUntil: noon.toISOString() } as SettingsChange;
    expect(await laterRefusal(() => store.set(change))).toContain('pausedUntil');
  });
});

describe('a proxy of one’s own', () => {
  test.each([
    ['http://proxy.example.com:8080', 'http://proxy.example.com:8080'],
    [' HTTP://Proxy.Example.com:80/ ', 'http://proxy.example.com'],
    ['https://proxy.example.com', 'https://proxy.example.com'],
    ['http://[::1]:3128', 'http://[::1]:3128'],
  ])('%j is kept as %s', async (url, kept) => {
    await using home = await temporaryHome();
    const path = join(home.path, 'settings.json');
    const store = await SettingsStore.open(path, silentLog);
    await store.set({ proxy: { mode: 'manual', url } });
    expect(store.current.proxy).toEqual({ mode: 'manual', url: kept });
    expect((await SettingsStore.open(path, silentLog)).current.proxy).toEqual(store.current.proxy);
  });

  test('that names a user or a password is refused without repeating it', async () => {
    await using home = await temporaryHome();
    const store = await SettingsStore.open(join(home.path, 'settings.json'), silentLog);
    for (const secret of [`me:${canary('generic')}`, canary('generic')]) {
      const url = `http://${secret}@proxy.example.com:8080`;
      const message = await laterRefusal(() => store.set({ proxy: { mode: 'manual', url } }));
      expect(message).toContain('no user name and no password');
      expect(message.includes(secret)).toBe(false);
    }
    expect(store.current).toEqual(defaults);
  });
});

test('FS-01 a damaged file is set aside and the defaults are used', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  await writeFile(path, '{"version":0,"port":"x"}');
  const store = await SettingsStore.open(path, silentLog);
  expect(store.current).toEqual(defaults);
  expect(await readFile(store.setAside ?? '', 'utf8')).toContain('"x"');
});

test('FS-02 a change that cannot be saved did not happen', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  const store = await SettingsStore.open(path, silentLog);
  await mkdir(path);
  await laterRefusal(() => store.set({ paused: true }), 'storage');
  expect(store.current).toEqual(defaults);
});

test('an older file of which no copy can be kept is left as it is, and says so', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  await writeFile(path, '{"version":0,"paused":true}');
  await mkdir(`${path}.v0`);
  await expect(SettingsStore.open(path, silentLog)).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('settings.json.v0 could not be saved'),
  });
  expect(await readFile(path, 'utf8')).toBe('{"version":0,"paused":true}');
});

test.each([
  ['{"version":1,"paused":true,"readOnly":true,}', { paused: true, readOnly: true }],
  ['{"version":1,"port":80,"readOnly" : true}', { readOnly: true }],
  ['{"version":1,"paused":true,"pausedUntil":"soon"}', { paused: true }],
  ['{"version":1,"paused":"true","readOnly":false', {}],
  ['nonsense', {}],
])('a damaged file goes on stopping what it stopped, also at the next start: %s', async (text, stopped) => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  await writeFile(path, text);
  for (const isFirst of [true, false]) {
    const store = await SettingsStore.open(path, silentLog);
    expect(store.current).toEqual({ ...defaults, ...stopped });
    expect(store.setAside !== undefined).toBe(isFirst);
  }
});
