import { chmod, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { aSetup, CURSOR, type Setup } from './a-setup.ts';

const WITH_OTHERS = '{ "mcpServers": { "files": { "command": "files" } } }\n';
const OPEN = 0o644;

const modeOf = async (setup: Setup): Promise<number> => (await stat(setup.path(CURSOR))).mode & 0o777;

async function openToOthers(): Promise<Setup> {
  const setup = await aSetup();
  await setup.put(CURSOR, WITH_OTHERS);
  await chmod(setup.path(CURSOR), OPEN);
  return setup;
}

const unix = process.platform !== 'win32';

test.runIf(unix)(
  'a file is closed to other users while a local token is in it, which is said before',
  async () => {
    const setup = await openToOthers();
    const { said } = await setup.preview('cursor');
    expect(said.join(' ')).toContain('it is closed to them as long as the key is in it');
    await setup.connect('cursor');
    expect(await modeOf(setup)).toBe(0o600);
    await setup.disconnect('cursor');
    expect([await modeOf(setup), await setup.read(CURSOR)]).toEqual([OPEN, WITH_OTHERS]);
  },
);

test.runIf(unix)('it stays closed until the last token has left it', async () => {
  const setup = await openToOthers();
  await setup.connect('cursor');
  await setup.connect('cursor', 'acme');
  await setup.disconnect('cursor');
  expect(await modeOf(setup)).toBe(0o600);
  await setup.disconnect('cursor', 'acme');
  expect(await modeOf(setup)).toBe(OPEN);
});

test.runIf(unix)('restoring gives back the permissions, too', async () => {
  const setup = await openToOthers();
  await setup.connect('cursor');
  await setup.setups.restore({ client: 'cursor' });
  expect([await modeOf(setup), await setup.read(CURSOR)]).toEqual([OPEN, WITH_OTHERS]);
});

test.runIf(unix)('an entry without a token leaves the permissions as they are', async () => {
  const setup = await openToOthers();
  await setup.connect('cursor', 'current', 'stdio');
  expect(await modeOf(setup)).toBe(OPEN);
});
