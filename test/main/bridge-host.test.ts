import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { type BridgeHost, type HostParts, openBridgeHost } from '#main/bridge-host.ts';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { freshPaths, reachOwner, startOwner } from '../control/an-owner.ts';

async function open(
  paths: Paths,
  environment: NodeJS.ProcessEnv = { GANGWAY_VAULT: 'memory' },
  program: HostParts['program'] = ['/opt/gangway/bin/gangway'],
): Promise<BridgeHost> {
  return openBridgeHost({
    paths,
    environment,
    keychain: {
      start: () => {
        throw new Error('The keychain was asked.');
      },
    },
    systemProxy: async () => 'DIRECT',
    program,
    redactor: new Redactor(),
    log: silentLog,
  });
}

test('the app hosts the bridge when nobody does, with both doors', async () => {
  const paths = await freshPaths();
  await using host = await open(paths);
  const status = await host.control.status();
  expect(host.isHosted).toBe(true);
  expect(status).toMatchObject({ home: paths.home, pid: process.pid, vault: { kind: 'memory' } });
  expect(status.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
});

test('apps are set up with the command of this copy', async () => {
  await using host = await open(await freshPaths());
  expect((await host.control.endpoint.command({ address: 'current' })).command).toBe(
    '/opt/gangway/bin/gangway',
  );
});

test('a copy without a command says so instead of naming one that leads nowhere', async () => {
  await using host = await open(await freshPaths(), { GANGWAY_VAULT: 'memory' }, null);
  await expect(host.control.endpoint.command({ address: 'current' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('by its address'),
  });
});

test('others reach the bridge that the app hosts, until the app ends', async () => {
  const paths = await freshPaths();
  const host = await open(paths);
  await using other = reachOwner(paths);
  expect((await other.client.status()).pid).toBe(process.pid);
  await host[Symbol.asyncDispose]();
  await using next = reachOwner(paths, () => startOwner(paths));
  await next.reach();
  expect(next.isHosted).toBe(true);
});

test('the app attaches to a bridge that runs already, and leaves it running', async () => {
  const paths = await freshPaths();
  await using bridge = await startOwner(paths);
  {
    await using host = await open(paths);
    await host.control.pause();
    host.wake();
    await host.restart();
    expect(host.isHosted).toBe(false);
  }
  expect((await bridge.control.status()).paused).toBe(true);
});

test('when the owner it was attached to goes, the app becomes the owner', async () => {
  const paths = await freshPaths();
  const bridge = await startOwner(paths);
  await using host = await open(paths);
  await bridge[Symbol.asyncDispose]();
  expect((await host.control.status()).home).toBe(paths.home);
  expect(host.isHosted).toBe(true);
});

test('KL-05 a bridge that begins anew is another one, behind the same way to it', async () => {
  const paths = await freshPaths();
  await using host = await open(paths);
  await host.control.settings.set({ activityDays: 7 });
  const before = await host.control.status();
  const stream = await host.control.watch();
  await stream.next();
  const restarting = host.restart();
  // Calls of the meantime wait for the next one.
  const during = host.control.settings.get();
  await restarting;
  expect((await host.control.status()).startedAt).not.toBe(before.startedAt);
  expect((await during).activityDays).toBe(7);
  expect((await stream.next()).done).toBe(true);
});

test('waking up reaches the bridge of this process', async () => {
  await using host = await open(await freshPaths());
  expect(() => host.wake()).not.toThrow();
});

test('a vault of no known kind is said in words, and nothing stays open', async () => {
  const paths = await freshPaths();
  await expect(open(paths, { GANGWAY_VAULT: 'cloud' })).rejects.toMatchObject({ code: 'invalid-input' });
  await using host = await open(paths);
  expect(host.isHosted).toBe(true);
});

test('a passphrase comes from the file the environment names, or later from the window', async () => {
  await using home = await temporaryHome();
  const file = join(home.path, 'passphrase');
  const passphrase = canary('generic');
  allowSecrets({ place: `file ${file}`, because: 'the person keeps it there', secret: passphrase });
  await writeFile(file, `${passphrase}\n`);
  await chmod(file, 0o600);
  const paths = pathsFor(join(home.path, 'gangway'), {});
  const environment = { GANGWAY_VAULT: 'passphrase', GANGWAY_PASSPHRASE_FILE: file };
  const vaultOf = async ({ control }: BridgeHost): Promise<string> => (await control.status()).vault.state;
  {
    await using host = await open(paths, environment);
    await vi.waitFor(async () => expect(await vaultOf(host)).toBe('ready'), 10_000);
  }
  {
    await using host = await open(paths, { GANGWAY_VAULT: 'passphrase' });
    expect(await vaultOf(host)).toBe('locked');
    await host.control.vault.open({ passphrase });
    expect(await vaultOf(host)).toBe('ready');
  }
  await chmod(file, 0o644);
  await expect(open(paths, environment)).rejects.toMatchObject({ code: 'invalid-input' });
});
