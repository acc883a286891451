import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEYCHAIN_SERVICE } from '#bridge/vault/keychain.ts';
import { forkKeychain } from '#bridge/vault/keychain-process.ts';
import { temporaryHome } from '../canary/home.ts';
import { failure, never } from './expectations.ts';
import { ann, becomes, filesIn, usedBefore, vaultAt } from './keychain-vault.ts';
import { startBus } from './session-bus.ts';

describe.runIf(process.platform === 'linux')('without a usable keychain', () => {
  test.for([
    ['an address nobody listens at', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }],
    ['an address that is none', { DBUS_SESSION_BUS_ADDRESS: 'nonsense' }],
    ['no address', { XDG_RUNTIME_DIR: '/nonexistent' }],
  ] as const)('no D-Bus (%s): absent, and nothing is written', async ([, environment]) => {
    await using home = await temporaryHome();
    await using vault = vaultAt(home.path, { environment });
    const error = await failure(vault.open(never), 'vault-absent');
    expect(error.message).toContain('GANGWAY_VAULT=passphrase');
    expect(vault.state).toBe('absent');
    await failure(vault.save(ann, { key: 'x' }, never), 'vault-absent');
    expect(await filesIn(home.path)).toEqual([]);
  });

  test('KC-10 D-Bus without a Secret Service: absent, until one starts', async () => {
    await using home = await temporaryHome();
    await using bus = await startBus();
    await using vault = vaultAt(home.path, { environment: bus.environment });
    const error = await failure(vault.open(never), 'vault-absent');
    expect(error.message).toContain('No keychain');
    await bus.startKeyring();
    await vault.open(never);
    expect(vault.state).toBe('ready');
  });

  test('a Secret Service that starts after us is noticed', async () => {
    await using home = await temporaryHome();
    await using bus = await startBus();
    await bus.startKeyring();
    const key = await usedBefore(home.path, bus.environment);
    await bus.stopKeyring();
    await using vault = vaultAt(home.path, { environment: bus.environment, retryMs: 20 });
    await failure(vault.open(never), 'vault-absent');
    const ready = becomes(vault, 'ready');
    await bus.startKeyring();
    await ready;
    expect(await vault.load(ann, never)).toEqual({ key });
  });

  test('KC-10 no default collection: empty, and nothing is written', async () => {
    await using home = await temporaryHome();
    await using bus = await startBus();
    await bus.startKeyring('no-collection');
    await using vault = vaultAt(home.path, { environment: bus.environment });
    const error = await failure(vault.open(never), 'vault-empty');
    expect(error.message).toContain('no default keyring');
    expect(vault.state).toBe('empty');
    expect(await filesIn(home.path)).toEqual([]);
    expect(await bus.entries(KEYCHAIN_SERVICE)).toEqual([]);
  });

  test('no default collection although files exist: empty, and the files stay', async () => {
    await using home = await temporaryHome();
    {
      await using bus = await startBus();
      await bus.startKeyring();
      await usedBefore(home.path, bus.environment);
    }
    await using bus = await startBus();
    await bus.startKeyring('no-collection');
    await using vault = vaultAt(home.path, { environment: bus.environment });
    await failure(vault.open(never), 'vault-empty');
    expect(await filesIn(home.path)).toEqual([`${ann}.sealed`]);
  });

  test('KC-10 denied: refused access is not asked for again by itself', async () => {
    await using home = await temporaryHome();
    await using bus = await startBus('refuses');
    await bus.startKeyring();
    let questions = 0;
    await using vault = vaultAt(home.path, {
      environment: bus.environment,
      retryMs: 1,
      start: (...question) => {
        questions += 1;
        return forkKeychain(...question);
      },
    });
    const error = await failure(vault.open(never), 'vault-denied');
    expect(error.message).toContain('refused');
    expect(vault.state).toBe('denied');
    // A retry after one millisecond would come long before another process has asked and answered.
    await using meanwhile = vaultAt(join(home.path, 'other'), { environment: bus.environment });
    await failure(meanwhile.open(never), 'vault-denied');
    expect(questions).toBe(1);
    await failure(vault.open(never), 'vault-denied');
    expect(questions).toBe(2);
  });

  test('a data folder that is a file is refused with its path', async () => {
    await using home = await temporaryHome();
    await writeFile(join(home.path, 'vault'), 'not a folder');
    await using vault = vaultAt(home.path, { environment: {} });
    const error = await failure(vault.open(never), 'storage');
    expect(error.message).toContain(join(home.path, 'vault'));
  });
});
