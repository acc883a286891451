import { expect, test, vi } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startBus } from '../vault/session-bus.ts';
import { startPlain } from '../workspaces/plain.ts';
import { addWords, type DoctorHome, emptyHome, saidOf } from './a-home.ts';

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A home whose one account has its key in the keychain at this environment. */
async function keyedHome(url: string, key: string, environment: NodeJS.ProcessEnv): Promise<DoctorHome> {
  const home = await emptyHome({ vault: 'keychain', environment });
  await home.run(addWords(url, 'Keyed', '--key-stdin'), `${key}\n`);
  return home;
}

test.runIf(process.platform === 'linux')(
  'KC-01 a keychain that is locked, gone, or was emptied',
  async () => {
    await using bus = await startBus();
    await bus.startKeyring();
    const key = canary('generic');
    await using workspace = await startPlain({ name: 'keyed', tokens: { member: key } });
    const home = await keyedHome(workspace.url, key, bus.environment);
    expect(await home.doctor()).toMatchObject({ code: 0, troubles: [] });

    await bus.lock();
    const locked = await home.doctor();
    expect(locked).toMatchObject({ code: 3, troubles: ['bad vault-locked null'] });
    expect(saidOf(locked, 'vault-locked')).toContain('gangway unlock');
    expect(locked.report.checks).toContainEqual(
      expect.objectContaining({ id: 'account', state: 'skipped', subject: 'keyed' }),
    );

    await bus.unlock();
    await bus.removeEntries('gangway');
    expect((await home.doctor()).troubles).toEqual(['bad vault-empty null']);

    await bus.stopKeyring();
    const absent = await home.doctor();
    expect(absent).toMatchObject({ code: 3, troubles: ['bad vault-absent null'] });
    expect(saidOf(absent, 'vault-absent')).toContain('apt install gnome-keyring');
  },
);

test.runIf(process.platform === 'linux')('KC-01 no D-Bus at all', async () => {
  const nowhere = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus', XDG_RUNTIME_DIR: '/nowhere' };
  const home = await emptyHome({ vault: 'keychain', environment: nowhere });
  expect((await home.doctor()).troubles).toEqual(['bad vault-absent null', 'notice no-account null']);
});

test('a passphrase that is missing', async () => {
  const home = await emptyHome();
  await home.doctor();
  const missing = await home.doctor({ GANGWAY_PASSPHRASE_FILE: '' });
  expect(missing.troubles).toEqual(['bad vault-locked null', 'notice no-account null']);
  expect(saidOf(missing, 'vault-locked')).toContain('gangway unlock');
});

test('sign-ins that are kept in memory only', async () => {
  const home = await emptyHome();
  const found = await home.doctor({ GANGWAY_VAULT: 'memory' });
  expect(found.troubles).toEqual(['notice vault-memory null', 'notice no-account null']);
});
