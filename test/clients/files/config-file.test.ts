import { chmod, chown, link, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  readConfigFile,
  removeConfigFile,
  writeConfigBytes,
  writeConfigFile,
} from '#bridge/clients/files/config-file.ts';
import { canary } from '../../canary/canary.ts';
import { allowSecrets } from '../../canary/collect.ts';
import { failure } from '../../vault/expectations.ts';
import { ClientFolder } from './client-folder.ts';

const unix = process.platform !== 'win32';
const root = process.getuid?.() === 0;
const at = new ClientFolder();

describe('a file is read', () => {
  test('CF-01 a missing file is empty, and its folder stays as it is', async () => {
    const file = await at.read();
    expect(file).toEqual({
      path: at.path,
      target: at.path,
      text: '',
      bom: false,
      exists: false,
      sha256: null,
      bytes: Buffer.alloc(0),
      mode: 0o600,
    });
    expect(await at.names()).toEqual([]);
  });

  test.for(['.gemini/settings.json', '.a/b/c.json'])(
    'CF-01 a missing folder is not made (%s)',
    async (name) => {
      const { message } = await failure(readConfigFile(join(at.home, name), at.home), 'conflict');
      expect(message).toContain('Start the app it belongs to once');
      expect(await readdir(at.home)).toEqual(['.cursor']);
    },
  );

  test('CF-01 a folder that went away meanwhile is not made again', async () => {
    const before = await at.read();
    await rm(at.folder, { recursive: true });
    await failure(writeConfigFile(before, '{}'), 'conflict');
    expect(await readdir(at.home)).toEqual([]);
  });

  test('what is where the folder should be is named', async () => {
    await writeFile(at.path, '');
    const { message } = await failure(readConfigFile(join(at.path, 'mcp.json'), at.home), 'storage');
    expect(message).toBe(`${at.path} is not a folder, so nothing was written.`);
  });

  test.for([
    ['nothing', ''],
    ['an empty table', '{}'],
    ['line feeds', '{\n\t"a": 1\n}\n'],
    ['carriage returns', '{\r"a": 1\r}\r'],
    ['both', '{\r\n  "a": 1\r\n}'],
    ['a second mark of byte order', '\ufeff{}'],
    ['letters of all sizes', '{"ä": "…😀"}'],
  ] as const)(
    'CF-02 a file with %s is read and written as it is, with a byte order mark or without',
    async ([, text]) => {
      for (const mark of ['', '\ufeff']) {
        if (mark === '' && text.startsWith('\ufeff')) continue;
        await writeFile(at.path, mark + text);
        const file = await at.read();
        expect(file).toMatchObject({ text, bom: mark !== '', exists: true });
        const written = await writeConfigFile(file, `${text} `);
        expect(await readFile(at.path, 'utf8')).toBe(`${mark}${text} `);
        expect(written).toEqual(await at.read());
      }
    },
  );

  test('CF-06 a file of 5 MB is read and written, a larger one refused', async () => {
    await writeFile(at.path, 'x'.repeat(5 * 1024 * 1024));
    const file = await at.read();
    await writeConfigFile(file, 'y'.repeat(5 * 1024 * 1024));
    const now = await at.read();
    await at.untouched(() => failure(writeConfigFile(now, `${now.text}z`), 'storage'));
    await writeFile(at.path, `${now.text}z`);
    await at.untouched(() => at.refused('is larger than 5 MB'));
  });

  test.for([
    ['UTF-16 with its mark', Buffer.from('\ufeff{}', 'utf16le'), 'probably UTF-16'],
    ['UTF-16 the other way round', Buffer.from('\ufeff{}', 'utf16le').swap16(), 'probably UTF-16'],
    ['UTF-16 without a mark', Buffer.from('{}', 'utf16le'), 'probably UTF-16'],
    [
      'UTF-16 with its mark, without any Latin letter',
      Buffer.from('\ufeff漢字', 'utf16le'),
      'probably UTF-16',
    ],
    ['half of a UTF-16 mark and text', Buffer.from([0xff, 0x7b, 0x7d]), 'is not UTF-8 text'],
    ['Latin-1', Buffer.from('{"ä":1}', 'latin1'), 'is not UTF-8 text'],
    ['a cut character', Buffer.from('{"ä').subarray(0, 3), 'is not UTF-8 text'],
    ['half a pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'is not UTF-8 text'],
  ] as const)('CF-07 %s is refused', async ([, bytes, text]) => {
    await writeFile(at.path, bytes);
    await at.untouched(() => at.refused(text));
  });

  test('CF-09 a file that was just emptied is waited for: whoever did so is about to write', async () => {
    await writeFile(at.path, '');
    const reading = at.read();
    for (let turn = 0; turn < 300; turn += 1) await setImmediate();
    await writeFile(at.path, '{}');
    expect((await reading).text).toBe('{}');
  });

  test('a sentence about a very long path stays short and shows its end', async () => {
    const long = join(at.home, 'a'.repeat(200), 'b'.repeat(200), 'mcp.json');
    const { message } = await failure(readConfigFile(long, at.home), 'conflict');
    expect(message).toContain(`…${'b'.repeat(99)}`);
  });
});

describe('a file is written', () => {
  test.runIf(unix).for([0o600, 0o644, 0o640, 0o666, 0o755])('permissions %o stay', async (mode) => {
    await writeFile(at.path, '{}');
    await chmod(at.path, mode);
    const after = await writeConfigFile(await at.read(), '{"a":1}');
    expect((await stat(at.path)).mode & 0o777).toBe(mode);
    expect(after.mode).toBe(mode);
  });

  test.runIf(root)('the group stays', async () => {
    await writeFile(at.path, '{}');
    await chown(at.path, 0, 65534);
    await writeConfigFile(await at.read(), '{"a":1}');
    expect(await stat(at.path)).toMatchObject({ uid: 0, gid: 65534 });
  });

  test('a new file is closed to others, because a token may stand in it', async () => {
    const token = canary('local');
    allowSecrets({
      place: `file ${at.path}`,
      because: 'a client has its local token in its file',
      secret: token,
    });
    const after = await writeConfigFile(await at.read(), `{"a":"${token}"}`);
    expect(after).toEqual(await at.read());
    if (unix) expect((await stat(at.path)).mode & 0o777).toBe(0o600);
  });

  test('text with half a character is refused', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await at.untouched(() => failure(writeConfigFile(before, '"\ud800"'), 'storage'));
  });

  test('bytes are written as they are, mark and all', async () => {
    await writeFile(at.path, '{"a":1}');
    const bytes = Buffer.from('\ufeff{\r\n}');
    const after = await writeConfigBytes(await at.read(), bytes);
    expect(await readFile(at.path)).toEqual(bytes);
    expect(after).toEqual(await at.read());
  });

  test('a second name of the file keeps the old content', async () => {
    await writeFile(at.path, 'old');
    await link(at.path, join(at.home, 'snapshot'));
    await writeConfigFile(await at.read(), 'new');
    expect(await readFile(join(at.home, 'snapshot'), 'utf8')).toBe('old');
    expect(await readFile(at.path, 'utf8')).toBe('new');
  });

  test('a file is removed, and only it', async () => {
    await writeFile(at.path, '{}');
    await writeFile(join(at.folder, 'other'), '');
    await removeConfigFile(await at.read());
    expect(await at.names()).toEqual(['other']);
    await removeConfigFile(await at.read());
  });

  test('secrets of other programs come into no error', async () => {
    const theirs = canary('bearer');
    allowSecrets({ place: `file ${at.path}`, because: 'another program keeps it there', secret: theirs });
    await writeFile(at.path, `{"a":"${theirs}"}`);
    const before = await at.read();
    await writeFile(at.path, `{"b":"${theirs}"}`);
    await at.conflicts(before);
    await writeFile(at.path, Buffer.from(`{"ä":"${theirs}"}`, 'latin1'));
    await at.refused('is not UTF-8 text');
  });
});
