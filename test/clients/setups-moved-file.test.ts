import { existsSync } from 'node:fs';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { laterRefusal } from '../connectors/refusal.ts';
import { aSetup, CURSOR, type Setup } from './a-setup.ts';

const FORMER = '.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json';
const NOW = '.cline/data/settings/cline_mcp_settings.json';

/** Cline is connected, and its newer version moves its file then. */
async function movedCline(): Promise<Setup> {
  const setup = await aSetup();
  await setup.put(FORMER, '{}');
  await setup.connect('cline');
  await mkdir(dirname(setup.path(NOW)), { recursive: true });
  await rename(setup.path(FORMER), setup.path(NOW));
  return setup;
}

describe('a file that a newer version of its app moved', () => {
  test('is the one that is written, and no entry stands there twice', async () => {
    const setup = await movedCline();
    const preview = await setup.preview('cline');
    expect(preview).toMatchObject({ path: setup.path(NOW), exists: true, entry: 'gangway' });
    await setup.connect('cline');
    expect((await setup.read(NOW)).match(/"gangway/g)).toHaveLength(1);
    expect(setup.connection('cline')).toMatchObject({ path: setup.path(NOW), state: 'waiting' });
    expect(setup.tokens.list()).toHaveLength(1);
    expect(existsSync(setup.path(FORMER))).toBe(false);
  });

  test('is the one that our entry is taken out of', async () => {
    const setup = await movedCline();
    const preview = await setup.setups.previewRemoval({ client: 'cline' });
    expect(preview).toMatchObject({ path: setup.path(NOW), exists: true });
    expect(preview.said[0]).toBe('Removes the entry gangway.');
    await setup.disconnect('cline');
    expect(JSON.parse(await setup.read(NOW))).toEqual({ mcpServers: {} });
    expect(setup.tokens.list()).toEqual([]);
  });

  test('with an error in it does not keep Gangway from forgetting its entry', async () => {
    const setup = await movedCline();
    await setup.put(NOW, '{ oh');
    await setup.disconnect('cline');
    expect([await setup.read(NOW), setup.tokens.list()]).toEqual(['{ oh', []]);
  });
});

describe('CF-08 a file that Gangway made, and that is a link by now', () => {
  test('is not removed; exactly the entry goes', async () => {
    const setup = await aSetup();
    await mkdir(setup.path('.cursor'));
    await setup.connect('cursor');
    await mkdir(setup.path('dotfiles'));
    await rename(setup.path(CURSOR), setup.path('dotfiles/mcp.json'));
    await symlink('../dotfiles/mcp.json', setup.path(CURSOR));
    const because = await laterRefusal(() => setup.setups.restore({ client: 'cursor' }), 'conflict');
    expect(because).toMatch(/is a link by now\. Disconnect Cursor to remove the entry only\.$/);
    await setup.disconnect('cursor');
    expect(JSON.parse(await setup.read('dotfiles/mcp.json'))).toEqual({ mcpServers: {} });
    expect(setup.tokens.list()).toEqual([]);
  });
});

test('a change that was shown is not made when the address has its entry in another file of the app by now', async () => {
  const setup = await aSetup();
  const [plain, withComments] = ['.config/opencode/opencode.json', '.config/opencode/opencode.jsonc'];
  const preview = async (file: string) =>
    setup.setups.preview({ client: 'opencode', address: 'current', path: await setup.put(file, '{}') });
  const [one, other] = [await preview(withComments), await preview(plain)];
  await setup.setups.write(one.token, AbortSignal.timeout(5000));
  await laterRefusal(() => setup.setups.write(other.token, AbortSignal.timeout(5000)), 'conflict');
  expect(await setup.read(plain)).toBe('{}');
  expect(setup.connection('opencode')).toMatchObject({ path: setup.path(withComments), state: 'waiting' });
  expect(setup.tokens.list()).toHaveLength(1);
});
