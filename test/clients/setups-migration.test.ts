import { describe, expect, test } from 'vitest';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { accountView } from '../renderer/account-view.ts';
import { aSetup, CURSOR, type Setup } from './a-setup.ts';

function remoteEntry(secret: string): string {
  return JSON.stringify({
    mcpServers: {
      files: { command: 'files' },
      shop: {
        command: 'npx',
        args: [
          '-y',
          'mcp-remote',
          'https://mcp.shop.example/mcp',
          '--header',
          `Authorization: Bearer ${secret}`,
        ],
      },
    },
  });
}

async function previewOf({ setups }: Setup, label?: string, account?: string) {
  await setups.look();
  const { entries, unread } = await setups.foreign();
  collect('foreign entries', JSON.stringify({ entries, unread }));
  const id = entries[0]?.id ?? '';
  const preview = await setups.previewMigration({ id, ...(label && { label }), ...(account && { account }) });
  collect('preview', JSON.stringify(preview));
  return preview;
}

describe('bringing an entry here', () => {
  test('shows what is added and what goes, without its secrets', async () => {
    const setup = await aSetup();
    const secret = canary('generic');
    await setup.put(CURSOR, remoteEntry(secret));
    const preview = await previewOf(setup);
    expect(preview).toMatchObject({ kind: 'migrate', client: 'cursor', entry: 'shop', address: 'brought' });
    expect(preview.removed).toContain('https://mcp.shop.example/mcp');
    expect(preview.removed).toContain('••••••••');
    expect(preview.added).toContain('http://127.0.0.1:4100/mcp/brought');
    expect(preview.said.join(' ')).toMatch(/mcp\.shop\.example by mcp-remote, leads to Gangway/);
    expect(preview.said).toContain('What it sends as Authorization moves into the vault.');
    expect(preview.others).toEqual(['files']);
  });

  test('adds the account first and puts our entry in its place, and can be undone byte for byte', async () => {
    const setup = await aSetup();
    const secret = canary('generic');
    const before = remoteEntry(secret);
    await setup.put(CURSOR, before);
    const { token } = await previewOf(setup, 'Shop');
    const { client, said } = await setup.setups.write(token, AbortSignal.timeout(5000));
    expect(setup.world.added).toMatchObject([
      { url: 'https://mcp.shop.example/mcp', label: 'Shop', check: true },
    ]);
    expect(said).toContain('It has 3 tools.');
    expect(client.connections).toMatchObject([{ address: 'brought', entry: 'shop', state: 'waiting' }]);
    const after = await setup.read(CURSOR);
    expect(after.includes(secret)).toBe(false);
    expect(JSON.parse(after).mcpServers.shop.url).toBe('http://127.0.0.1:4100/mcp/brought');
    const removal = await setup.setups.previewRemoval({ client: 'cursor' });
    expect(removal.added).toContain('https://mcp.shop.example/mcp');
    expect(removal.added.includes(secret.slice(-12)) || removal.added.includes(secret.slice(0, 24))).toBe(
      false,
    );
    await setup.setups.restore({ client: 'cursor' });
    expect((await setup.read(CURSOR)) === before).toBe(true);
    expect(setup.tokens.list()).toEqual([]);
  });

  test('changes nothing when the account is refused', async () => {
    const setup = await aSetup();
    const before = remoteEntry(canary('generic'));
    await setup.put(CURSOR, before);
    const { token } = await previewOf(setup);
    setup.world.addFails = new BridgeError('refused', 'The key was refused.');
    const because = await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'refused');
    expect(because).toBe('The key was refused.');
    expect((await setup.read(CURSOR)) === before).toBe(true);
    expect(setup.tokens.list()).toEqual([]);
  });

  test('CF-09 adds no account when the file changed since it was shown', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, remoteEntry(canary('generic')));
    const { token } = await previewOf(setup);
    await setup.put(CURSOR, remoteEntry(canary('generic')));
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'conflict');
    expect(setup.world.added).toEqual([]);
  });

  test('adds an account of its own although one is there at that address, because the key may be another’s', async () => {
    const setup = await aSetup();
    const upstream = { kind: 'http', url: 'https://mcp.shop.example/mcp' } as const;
    setup.world.accounts = [accountView({ upstream, label: 'My shop' })];
    await setup.put(CURSOR, remoteEntry(canary('generic')));
    const { token, address } = await previewOf(setup);
    expect(address).not.toBe('acme');
    await setup.setups.write(token, AbortSignal.timeout(5000));
    expect(setup.world.added).toHaveLength(1);
  });

  test('uses the account that is there already when the person says so', async () => {
    const setup = await aSetup();
    const upstream = { kind: 'http', url: 'https://mcp.shop.example/mcp' } as const;
    setup.world.accounts = [accountView({ upstream, label: 'My shop' })];
    await setup.put(CURSOR, remoteEntry(canary('generic')));
    const { token, said, address } = await previewOf(setup, undefined, 'acme');
    expect([address, said[1]]).toEqual(['acme', 'It uses the account My shop, which is there already.']);
    await setup.setups.write(token, AbortSignal.timeout(5000));
    expect(setup.world.added).toEqual([]);
    expect(setup.connection('cursor', 'acme')).toMatchObject({ entry: 'shop' });
  });

  test('is refused when the client reaches that account already, or the entry is another one by now', async () => {
    const setup = await aSetup();
    const upstream = { kind: 'http', url: 'https://mcp.shop.example/mcp' } as const;
    setup.world.accounts = [accountView({ upstream, label: 'My shop' })];
    await setup.put(CURSOR, remoteEntry(canary('generic')));
    await setup.connect('cursor', 'acme');
    expect(await laterRefusal(() => previewOf(setup, undefined, 'acme'), 'conflict')).toMatch(
      /by the entry gangway-acme already/,
    );
    await laterRefusal(() => setup.setups.previewMigration({ id: 'gone' }), 'conflict');
  });

  test('says that the account was added when the entry could not be written', async () => {
    const setup = await aSetup();
    const before = remoteEntry(canary('generic'));
    await setup.put(CURSOR, before);
    const { token } = await previewOf(setup);
    setup.world.port = undefined;
    const because = await laterRefusal(
      () => setup.setups.write(token, AbortSignal.timeout(5000)),
      'port-taken',
    );
    expect(because).toMatch(
      /^The account Shop was added, but the entry is as it was\. The HTTP door is closed\.$/i,
    );
    expect((await setup.read(CURSOR)) === before).toBe(true);
  });
});

test('a bundle is refused for an address that nothing has, and where its program was not built', async () => {
  const setup = await aSetup();
  await laterRefusal(() => setup.setups.bundle('nobody'), 'account-unknown');
  await laterRefusal(() => setup.setups.bundle('acme'), 'conflict');
});
