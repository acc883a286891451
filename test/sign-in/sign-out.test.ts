import { readdir } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import { temporaryHome } from '../canary/home.ts';
import { failure, startWorld, text } from '../flows/world.ts';
import { type Answer, json, PATHS, startHostile } from '../oauth/hostile.ts';
import { OwnerProcess } from '../race/owner.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { signInAs } from './person.ts';
import { answerMcp, hold, startStage } from './stage.ts';

const GAZETTE = { id: 'gazette', name: 'The Gazette', sites: ['site_9'] };
const HERALD = { id: 'herald', name: 'The Herald', sites: ['site_1'] };
/** Files that the vault of a running owner has for accounts. */
async function sealedIn(owner: OwnerProcess): Promise<string[]> {
  return (await readdir(pathsFor(owner.home, {}).vault)).filter((file) => file.startsWith('acc_'));
}

const hintsOf = (requests: readonly { form: URLSearchParams }[]) =>
  requests.map(({ form }) => form.get('token_type_hint'));

describe('SO-01 a sign-out', () => {
  test.each<[how: string, answer: Answer, revocation: string]>([
    ['200', (_, response) => void response.writeHead(200).end(), 'done'],
    ['400', (_, response) => json(response, { error: 'invalid_request' }, 400), 'impossible'],
    ['401', (_, response) => json(response, { error: 'invalid_client' }, 401), 'impossible'],
    ['503', (_, response) => void response.writeHead(503, { 'retry-after': '120' }).end(), 'queued'],
    ['a broken connection', (_, response) => void response.destroy(), 'queued'],
    ['a redirect', (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(), 'queued'],
  ])('that the server answers with %s ends the sign-in here at once', async (_, answer, revocation) => {
    await using stage = await startStage();
    const { server, control } = stage;
    await stage.add();
    await signInAs(control, 'acme');
    const client = await stage.world.connect('http', 'acme');
    await client.listTools();
    const held = hold(server, PATHS.revoke, answer);
    const done = control.signIn.signOut({ account: 'acme' });
    await held.asked;
    // The server has not answered yet.
    expect(await failure(client.listTools())).toMatchObject({ code: -31001 });
    await vi.waitFor(async () => {
      expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signInReason: 'signed-out' });
    });
    held.release();
    const said = await done;
    expect(said.revocation).toBe(revocation);
    expect(said.note === undefined).toBe(revocation === 'done');
    expect(hintsOf(server.asked(PATHS.revoke)).sort()).toEqual(['access_token', 'refresh_token']);
    expect(server.asked('/elsewhere')).toEqual([]);
    // Which server it was stays known, so that another one is asked about first.
    expect((await stage.account()).grant).toMatchObject({ issuer: server.origin });
  });

  test('from a server without a place for it says where to end it', async () => {
    await using stage = await startStage();
    const { server, control } = stage;
    server.on(PATHS.server, server.metadata({ revocation_endpoint: undefined }));
    await stage.add();
    await signInAs(control, 'acme');
    const { host } = new URL(server.origin);
    expect(await control.signIn.signOut({ account: 'acme' })).toEqual({
      revocation: 'impossible',
      note: `Signed out here. ${host} could not be told; end the sign-in there too, in your settings at ${host}.`,
    });
    expect(await control.signIn.signOut({ account: 'acme' })).toEqual({ revocation: 'nothing-to-revoke' });
  });

  test('never sends a token to a revocation endpoint without https on the internet', async () => {
    await using stage = await startStage();
    const { server, control } = stage;
    server.on(PATHS.server, server.metadata({ revocation_endpoint: 'http://auth.acme.example/revoke' }));
    await stage.add();
    expect((await signInAs(control, 'acme')).last).toMatchObject({ step: 'failed', code: 'refused' });
    expect(server.asked(PATHS.token)).toEqual([]);
  });
});

describe('SO-02 a sign-out while the server is away', () => {
  test.each(['sign-out', 'removal'] as const)(
    'by %s is told after the next start, and then nothing is left in the vault',
    async (how) => {
      await using home = await temporaryHome();
      await using server = await startHostile();
      await using owner = await OwnerProcess.start(home.path);
      const { control } = owner;
      await control.accounts.add({ connector: 'custom', label: 'Acme', url: server.mcpUrl, signIn: 'oauth' });
      expect((await signInAs(control, 'acme')).last.step).toBe('done');
      server.on(PATHS.revoke, (_, response) => void response.destroy());
      const signedOut =
        how === 'sign-out'
          ? await control.signIn.signOut({ account: 'acme' })
          : (await control.accounts.remove({ account: 'acme' })).signedOut;
      expect(signedOut.revocation).toBe('queued');
      expect(await sealedIn(owner)).toHaveLength(1);
      await owner.stop();
      const before = server.asked(PATHS.revoke).length;
      server.behave(PATHS.revoke);
      await owner.start();
      await vi.waitFor(async () => expect(await sealedIn(owner)).toEqual([]), { timeout: 15_000 });
      expect(hintsOf(server.asked(PATHS.revoke).slice(before)).sort()).toEqual([
        'access_token',
        'refresh_token',
      ]);
    },
  );
});

test('an account that is removed leaves nothing in the vault and no token that works', async () => {
  await using home = await temporaryHome();
  await using server = await startHostile();
  await using owner = await OwnerProcess.start(home.path);
  const { control } = owner;
  await control.accounts.add({ connector: 'custom', label: 'Acme', url: server.mcpUrl, signIn: 'oauth' });
  await signInAs(control, 'acme');
  expect(await sealedIn(owner)).toHaveLength(1);
  const { signedOut } = await control.accounts.remove({ account: 'acme' });
  expect(signedOut).toEqual({ revocation: 'done' });
  expect(await sealedIn(owner)).toEqual([]);
  expect(hintsOf(server.asked(PATHS.revoke)).sort()).toEqual(['access_token', 'refresh_token']);
  expect(await control.accounts.list()).toEqual([]);
});

test('SO-03 requests in flight at a sign-out come to their end, and no new ones are sent', async () => {
  await using stage = await startStage();
  const { server, control } = stage;
  await stage.add();
  await signInAs(control, 'acme');
  const client = await stage.world.connect('http', 'acme');
  await client.listTools();
  const held = hold(server, PATHS.mcp, ({ body }, response) => answerMcp(response, body));
  const running = client.listTools();
  await held.asked;
  expect(await control.signIn.signOut({ account: 'acme' })).toEqual({ revocation: 'done' });
  const sentNow = () => server.asked(PATHS.mcp).filter(({ method }) => method === 'POST').length;
  const sent = sentNow();
  expect(await failure(client.listTools())).toMatchObject({
    code: -31001,
    data: { source: 'bridge', code: 'sign-in-needed' },
  });
  held.release();
  expect((await running).tools).toHaveLength(1);
  expect(sentNow()).toBe(sent);
});

test('AC-10 an account that was signed out says so at once, cannot be switched to, and nothing is sent', async () => {
  await using stage = await startStage();
  const { server, control } = stage;
  await stage.add();
  await signInAs(control, 'acme');
  await control.signIn.signOut({ account: 'acme' });
  const sent = server.seen.length;
  const client = await stage.world.connect('http', 'acme');
  const refused = await failure(client.listTools());
  expect(refused).toMatchObject({ code: -31001, data: { source: 'bridge', code: 'sign-in-needed' } });
  expect(refused.message).toContain('Acme: sign-in needed. It was signed out.');
  await expect(control.accounts.use({ account: 'acme' })).rejects.toMatchObject({ code: 'sign-in-needed' });
  expect(server.seen).toHaveLength(sent);
});

describe('RF-13 a renewal under way', () => {
  /** Two accounts that are signed in, and a call to the current one that waits for its renewal. */
  async function startRenewing() {
    await using starting = new AsyncDisposableStack();
    const { pelcro, oauth } = starting.use(await startPelcroWithOAuth({ accounts: [HERALD, GAZETTE] }));
    const world = starting.use(await startWorld());
    const { control } = world.bridge;
    for (const { id } of [HERALD, GAZETTE]) {
      await world.add({ connector: 'pelcro', label: id, url: pelcro.origin, environment: 'production' });
      expect((await signInAs(control, id, { choose: { account: id } })).last.step).toBe('done');
    }
    const client = await world.connect('http');
    expect(await text(client, 'get_account')).toContain(HERALD.name);
    oauth.expireAccessTokens({ choice: HERALD.id });
    const held = oauth.holdToken();
    const call = text(client, 'get_account').catch((error: unknown) => error);
    await held.arrived;
    const running = starting.move();
    const stage = { oauth, control, client, held, call };
    return { ...stage, [Symbol.asyncDispose]: () => running.disposeAsync() };
  }

  test.each(['sign-out', 'removal'] as const)(
    'at a %s comes to nothing, and its tokens are revoked',
    async (how) => {
      await using stage = await startRenewing();
      const { oauth, control, held, call } = stage;
      if (how === 'sign-out') await control.signIn.signOut({ account: 'herald' });
      else await control.accounts.remove({ account: 'herald' });
      held.release();
      expect(await call).toMatchObject({ data: { source: 'bridge' } });
      // Two tokens that were stored, and the two that came too late.
      await vi.waitFor(() => expect(oauth.requests.of('revocation')).toHaveLength(4));
      const ready = (await control.accounts.list()).filter(({ state }) => state === 'ready');
      expect(ready.map(({ slug }) => slug)).toEqual(['gazette']);
      expect(oauth.requests.tokens('refresh_token')).toHaveLength(1);
    },
  );

  test('at a switch stays with its own account, whose request goes through', async () => {
    await using stage = await startRenewing();
    const { oauth, control, client, held, call } = stage;
    await control.accounts.use({ account: 'gazette' });
    held.release();
    expect(await call).toContain(HERALD.name);
    expect(await text(client, 'get_account')).toContain(GAZETTE.name);
    await control.accounts.use({ account: 'herald' });
    expect(await text(client, 'get_account')).toContain(HERALD.name);
    expect(oauth.requests.tokens('refresh_token')).toHaveLength(1);
    expect(oauth.requests.of('revocation')).toEqual([]);
  });
});
