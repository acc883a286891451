import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import type { SettingsChange } from '#contract/settings.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';

const defaults = {
  http: true,
  startOwner: true,
  activityDays: 90,
  activityBodies: false,
  paused: false,
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
