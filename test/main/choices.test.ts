import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { AccountId } from '#contract/account.ts';
import { ChoiceStore, WindowPlace } from '#main/choices.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';

const defaults = { notifications: true, muted: [], askBeforeQuit: true, knowsTray: false };
const place = { x: -1200, y: 40, width: 900, height: 700, maximized: false };

/** The file of a data folder that nobody used before. */
async function freshPath(): Promise<string> {
  const home = await temporaryHome();
  return pathsFor(home.path, {}).desktop;
}

const open = (path: string) => ChoiceStore.open(path, silentLog);

test('without a file every choice has its default, and no file is made', async () => {
  const path = await freshPath();
  const store = await open(path);
  expect([store.current, store.window]).toEqual([defaults, undefined]);
  await expect(readFile(path)).rejects.toThrow('ENOENT');
});

test('a change keeps everything else, is saved privately, and announced once', async () => {
  const path = await freshPath();
  const store = await open(path);
  let changes = 0;
  using _subscription = store.changed.on(() => {
    changes += 1;
  });
  await store.keepWindow(place);
  const muted = [AccountId.parse('acc_12345678')];
  await store.choose({ muted, notifications: undefined });
  await store.choose({ knowsTray: true });
  await store.choose({ knowsTray: true });
  expect(changes).toBe(2);
  const again = await open(path);
  expect([again.current, again.window]).toEqual([{ ...defaults, muted, knowsTray: true }, place]);
  expect((await stat(path)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
});

test('changes made at the same moment do not undo each other', async () => {
  const store = await open(await freshPath());
  await Promise.all([
    store.choose({ notifications: false }),
    store.keepWindow(place),
    store.choose({ askBeforeQuit: false }),
  ]);
  expect([store.current, store.window]).toEqual([
    { ...defaults, notifications: false, askBeforeQuit: false },
    place,
  ]);
});

describe('a file that', () => {
  test('FS-01 is damaged is set aside, and the defaults are used', async () => {
    const path = await freshPath();
    await open(path);
    await writeFile(path, '{"version":0,"choices":{"notifications":"x"}}');
    const store = await open(path);
    expect(store.current).toEqual(defaults);
    expect(await readFile(store.setAside ?? '', 'utf8')).toContain('"x"');
  });

  test('has a window nowhere keeps its choices', async () => {
    const path = await freshPath();
    await open(path);
    const window = { ...place, width: 1e9 };
    await writeFile(path, JSON.stringify({ version: 0, choices: { knowsTray: true }, window }));
    const store = await open(path);
    expect([store.current, store.window, store.setAside]).toEqual([
      { ...defaults, knowsTray: true },
      undefined,
      undefined,
    ]);
  });

  test('a newer Gangway wrote is refused and left alone', async () => {
    const path = await freshPath();
    await open(path);
    await writeFile(path, '{"version":7}');
    expect(await laterRefusal(() => open(path), 'newer-file')).toContain('newer Gangway');
    expect(await readFile(path, 'utf8')).toBe('{"version":7}');
  });

  test('FS-02 cannot be written changes nothing', async () => {
    const path = await freshPath();
    const store = await open(path);
    await mkdir(path);
    await laterRefusal(() => store.choose({ notifications: false }), 'storage');
    expect(store.current).toEqual(defaults);
  });
});

test('a place of a window is in whole pixels', () => {
  expect(WindowPlace.safeParse({ ...place, x: 0.5 }).success).toBe(false);
});
