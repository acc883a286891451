import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrations as accountLifts } from '#bridge/accounts/migrations.ts';
import { migrations as activityLifts } from '#bridge/activity/schema.ts';
import { silentLog } from '#bridge/base/log.ts';
import { Secret } from '#bridge/base/secret.ts';
import { Connections } from '#bridge/clients/connections.ts';
import { ClientTokens } from '#bridge/clients/tokens.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import { SOCKET_VERSION } from '#bridge/socket/handshake.ts';
import { PassphraseKey } from '#bridge/vault/passphrase.ts';
import { seal } from '#bridge/vault/seal.ts';
import { AccountId } from '#contract/account.ts';
import { control } from '#contract/control.ts';
import { desktop } from '#contract/desktop.ts';
import { trouble } from '#contract/errors.ts';
import { ChoiceStore } from '#main/choices.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';

describe('the control contract', () => {
  test('has these procedures', () => {
    expect(procedures(control)).toEqual([
      'accounts.actAs',
      'accounts.add',
      'accounts.check',
      'accounts.list',
      'accounts.remove',
      'accounts.rotateKey',
      'accounts.tools',
      'accounts.update',
      'accounts.use',
      'activity.clear',
      'activity.export',
      'activity.follow',
      'activity.hours',
      'activity.list',
      'clients.bundle',
      'clients.foreign',
      'clients.leave',
      'clients.list',
      'clients.preview',
      'clients.previewMigration',
      'clients.previewRemoval',
      'clients.restore',
      'clients.restoreAll',
      'clients.write',
      'doctor',
      'endpoint.command',
      'endpoint.list',
      'endpoint.mint',
      'endpoint.revoke',
      'pause',
      'resume',
      'sessions.list',
      'settings.get',
      'settings.set',
      'signIn.answer',
      'signIn.cancel',
      'signIn.list',
      'signIn.signOut',
      'signIn.start',
      'status',
      'vault.open',
      'watch',
      'workspaces.look',
    ]);
  });
});

describe('the contract of the desktop app', () => {
  test('has these procedures', () => {
    expect(procedures(desktop)).toEqual([
      'checkForUpdates',
      'choose',
      'copy',
      'formTaken',
      'openBundle',
      'openPage',
      'openSignIn',
      'quit',
      'restartToUpdate',
      'watch',
    ]);
  });
});

describe('failures', () => {
  test('have these exit codes and JSON-RPC codes', () => {
    expect(trouble).toEqual({
      'sign-in-needed': { exit: 3, rpc: -31001 },
      unreachable: { exit: 5, rpc: -31002 },
      tls: { exit: 5, rpc: -31003 },
      refused: { exit: 4, rpc: -31004 },
      wait: { exit: 5, rpc: -31005 },
      'bad-answer': { exit: 5, rpc: -31006 },
      timeout: { exit: 5, rpc: -31007 },
      'no-account': { exit: 3, rpc: -31008 },
      'too-large': { exit: 2, rpc: -31009 },
      stopping: { exit: 5, rpc: -31010 },
      'vault-locked': { exit: 3, rpc: -31011 },
      'vault-denied': { exit: 3, rpc: -31011 },
      'vault-absent': { exit: 3, rpc: -31011 },
      'vault-empty': { exit: 3, rpc: -31011 },
      'vault-damaged': { exit: 3, rpc: -31011 },
      'outcome-unknown': { exit: 5, rpc: -31012 },
      paused: { exit: 4, rpc: -31013 },
      blocked: { exit: 4, rpc: -31014 },
      'invalid-input': { exit: 2, rpc: -32602 },
      'account-unknown': { exit: 2, rpc: -31008 },
      conflict: { exit: 2, rpc: -32603 },
      'newer-file': { exit: 2, rpc: -32603 },
      storage: { exit: 1, rpc: -32603 },
      'port-taken': { exit: 5, rpc: -32603 },
      'owner-running': { exit: 2, rpc: -32603 },
      internal: { exit: 1, rpc: -32603 },
    });
  });

  test('use no code that JSON-RPC and MCP reserve, except the standard ones for what they mean', () => {
    const reserved = Object.entries(trouble).filter(([, { rpc }]) => rpc >= -32768 && rpc <= -32000);
    expect(new Set(reserved.map(([, { rpc }]) => rpc))).toEqual(new Set([-32602, -32603]));
  });
});

describe('what is kept or spoken has these versions', () => {
  test('accounts.json 4, activity.sqlite 1, local socket 1', () => {
    expect([accountLifts.length, activityLifts.length, SOCKET_VERSION]).toEqual([4, 1, 1]);
  });

  test('settings.json 1', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'settings.json');
    const settings = await SettingsStore.open(path, silentLog);
    await settings.set({ paused: true });
    expect(versionIn(path)).toBe(1);
  });

  test('desktop.json 0', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'desktop.json');
    const choices = await ChoiceStore.open(path, silentLog);
    await choices.choose({ knowsTray: true });
    expect(versionIn(path)).toBe(0);
  });

  test('clients.json 0', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'clients.json');
    const learn = (token: string) => adoptSecret('local', token);
    await using tokens = await ClientTokens.open({ path, log: silentLog, now: () => new Date(0), learn });
    await tokens.mint('A client', 'current');
    expect(versionIn(path)).toBe(0);
  });

  test('connections.json 0', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'connections.json');
    const connections = await Connections.open(path, silentLog);
    await connections.change((before) => before);
    expect(versionIn(path)).toBe(0);
  });

  test('sealed files 1, after a mark of eight bytes', () => {
    const key = { id: '00'.repeat(8), key: createSecretKey(Buffer.alloc(32)) };
    const sealed = seal(key, AccountId.parse('acc_00000000'), 1, {});
    expect(sealed.subarray(0, 10).toString('latin1')).toBe('GWSEAL\r\n\x00\x01');
  });

  test('passphrase.json 1, with this much work for every guess', async () => {
    await using home = await temporaryHome();
    await new PassphraseKey(home.path, new Secret(canary('generic'))).key({ create: true });
    const header: object = JSON.parse(readFileSync(join(home.path, 'passphrase.json'), 'utf8'));
    expect(header).toMatchObject({ version: 1, kdf: 'scrypt', n: 131_072, r: 8, p: 1 });
  });
});

function versionIn(path: string): unknown {
  const { version }: { version: unknown } = JSON.parse(readFileSync(path, 'utf8'));
  return version;
}

function procedures(router: object, prefix = ''): string[] {
  return Object.entries(router)
    .flatMap(([name, value]) =>
      '~orpc' in value ? [`${prefix}${name}`] : procedures(value, `${prefix}${name}.`),
    )
    .sort();
}
