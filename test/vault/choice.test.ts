import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPassphraseFile, vaultKind } from '#bridge/vault/choice.ts';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { failure } from './expectations.ts';

test.each([
  [undefined, 'keychain'],
  ['', 'keychain'],
  ['keychain', 'keychain'],
  ['passphrase', 'passphrase'],
  ['memory', 'memory'],
])('GANGWAY_VAULT=%s is the %s', (named, kind) => {
  expect(vaultKind(named)).toBe(kind);
});

test.each(['Keychain', 'file', ' memory'])('GANGWAY_VAULT=%s is refused in words', (named) => {
  expect(() => vaultKind(named)).toThrow(
    'There is no vault of this kind. Choose keychain, passphrase, memory with --vault or GANGWAY_VAULT.',
  );
});

describe('the passphrase file', () => {
  async function fileWith(content: string | Uint8Array, mode = 0o600): Promise<string> {
    const home = await temporaryHome();
    const path = join(home.path, 'passphrase');
    await writeFile(path, content, { mode });
    await chmod(path, mode);
    return path;
  }

  test.for([
    ['as it is', ''],
    ['with a line end', '\n'],
    ['with a Windows line end', '\r\n'],
  ] as const)('is read %s', async ([, end]) => {
    const passphrase = canary('generic');
    allowSecrets({ place: /passphrase$/, because: 'the person put it there', secret: passphrase });
    const path = await fileWith(`${passphrase}${end}`);
    const read = await readPassphraseFile(path);
    expect(read.reveal() === passphrase).toBe(true);
    expect(`${read}`).toBe('[secret]');
  });

  test('keeps spaces and every letter', async () => {
    const read = await readPassphraseFile(await fileWith('  Füße 鍵 \n'));
    expect(read.reveal()).toBe('  Füße 鍵 ');
  });

  test.for([
    ['empty', ''],
    ['only a line end', '\n'],
    ['two lines', 'one\ntwo\n'],
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0x41])],
    ['too large', 'x'.repeat(5000)],
  ] as const)('is refused when it is %s', async ([, content]) => {
    const path = await fileWith(content);
    const error = await failure(readPassphraseFile(path), 'invalid-input');
    expect(error.message).toContain(path);
  });

  test('is refused when it does not exist', async () => {
    await using home = await temporaryHome();
    const error = await failure(readPassphraseFile(join(home.path, 'none')), 'invalid-input');
    expect(error.message).toContain('mode 600');
  });

  test.runIf(process.platform !== 'win32').for([0o644, 0o640, 0o666, 0o604])(
    'FS-09 is refused with mode %o and not repaired, for it may have been read',
    async (mode) => {
      const path = await fileWith('a passphrase', mode);
      const error = await failure(readPassphraseFile(path), 'invalid-input');
      expect(error.message).toContain('chmod 600');
    },
  );

  test.runIf(process.platform !== 'win32')('FS-02 is refused when it is a link or a folder', async () => {
    await using home = await temporaryHome();
    const target = await fileWith('a passphrase');
    const path = join(home.path, 'link');
    await symlink(target, path);
    await failure(readPassphraseFile(path), 'invalid-input');
    await failure(readPassphraseFile(home.path), 'invalid-input');
  });
});
