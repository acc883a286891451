import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test, vi } from 'vitest';
import { adoptSecret } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { excuse } from '../invariants/broken.ts';
import { OwnerProcess } from '../race/owner.ts';
import { signInAs } from '../sign-in/person.ts';
import { startBus } from '../vault/session-bus.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { failure, text } from './world.ts';

excuse(
  'INV-7',
  /left open: 1 × Timeout/,
  'The client of the SDK goes on waiting to reconnect a moment after it was closed.',
);

const HERALD = { id: 'herald', name: 'The Herald', sites: ['site_1'] };

async function signedIn(owner: OwnerProcess, url: string): Promise<void> {
  const { control } = owner;
  await control.accounts.add({ connector: 'pelcro', label: 'Herald', url, environment: 'production' });
  const { last } = await signInAs(control, 'herald', { choose: { account: 'herald' } });
  expect(last.step).toBe('done');
}

async function httpClient(owner: OwnerProcess): Promise<Client> {
  const { url, headers } = await owner.control.endpoint.mint({ client: 'vault', address: 'herald' });
  adoptSecret('local', (headers.Authorization ?? '').replace('Bearer ', ''));
  const client = new Client({ name: 'vault', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

const nameIn = async (client: Client) => JSON.parse(await text(client, 'get_account')).name as string;
const accountOf = async (owner: OwnerProcess) => (await owner.control.accounts.list())[0];

describe('tokens in the vault', () => {
  test('last over a restart and a kill; nobody signs in again', async () => {
    await using home = await temporaryHome();
    await using stage = await startPelcroWithOAuth({ accounts: [HERALD] });
    await using owner = await OwnerProcess.start(home.path);
    await signedIn(owner, stage.pelcro.origin);
    await owner.stop();
    await owner.start();
    expect(await nameIn(await httpClient(owner))).toBe('The Herald');
    await owner.kill();
    await owner.start();
    stage.oauth.expireAccessTokens();
    expect(await nameIn(await httpClient(owner))).toBe('The Herald');
    expect(stage.oauth.requests.tokens('refresh_token').map(({ status }) => status)).toEqual([200]);
    expect(stage.oauth.requests.tokens('authorization_code')).toHaveLength(1);
  });

  test('a locked keychain is said, and everything goes on when it is unlocked', async () => {
    await using home = await temporaryHome();
    await using bus = await startBus();
    await bus.startKeyring();
    await using stage = await startPelcroWithOAuth({ accounts: [HERALD] });
    await using owner = await OwnerProcess.start(home.path, bus.environment);
    await signedIn(owner, stage.pelcro.origin);
    await owner.stop();
    await bus.lock();
    await owner.start();
    await vi.waitFor(async () => {
      expect(await accountOf(owner)).toMatchObject({
        state: 'ready',
        condition: { state: 'locked', action: 'unlock' },
      });
    });
    const client = await httpClient(owner);
    const refused = await failure(nameIn(client));
    expect(refused).toMatchObject({ code: -31011 });
    expect(refused.message).toContain('Unlock it');
    const again = await signInAs(owner.control, 'herald');
    expect(again.last).toMatchObject({ step: 'failed', code: 'vault-locked' });
    await bus.unlock();
    await vi.waitFor(
      async () => expect(await accountOf(owner)).toMatchObject({ condition: { state: 'ready' } }),
      { timeout: 25_000, interval: 250 },
    );
    expect(await nameIn(client)).toBe('The Herald');
    expect(stage.oauth.requests.tokens('authorization_code')).toHaveLength(1);
  }, 60_000);
});
