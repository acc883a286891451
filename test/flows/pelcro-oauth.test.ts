import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { NewAccount } from '#contract/control.ts';
import { type Person, signInAs } from '../sign-in/person.ts';
import { type PelcroOAuthOptions, startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { type AnyClient, doors, failure, startWorld, text } from './world.ts';

const HERALD = { id: 'herald', name: 'The Herald', sites: ['site_1', 'site_2'] };
const GAZETTE = { id: 'gazette', name: 'The Gazette', sites: ['site_9'] };

/** A Pelcro with a real authorization server, and a bridge beside it. */
async function startStage(options: Partial<PelcroOAuthOptions> = {}) {
  await using starting = new AsyncDisposableStack();
  const { pelcro, oauth } = starting.use(
    await startPelcroWithOAuth({ accounts: [HERALD, GAZETTE], ...options }),
  );
  const world = starting.use(await startWorld());
  const { control } = world.bridge;
  const entry = (label: string): NewAccount => ({
    connector: 'pelcro',
    label,
    url: pelcro.origin,
    environment: 'production',
  });
  const running = starting.move();
  return {
    pelcro,
    oauth,
    world,
    control,
    entry,
    /** Adds an account and signs in to it. */
    async add(label: string, account: string, person: Person = {}) {
      const added = await world.add(entry(label));
      const story = await signInAs(control, added.slug, { choose: { account }, ...person });
      return { added, story };
    },
    account: async (slug: string) => (await control.accounts.list()).find((one) => one.slug === slug)!,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const nameIn = async (client: AnyClient) => JSON.parse(await text(client, 'get_account')).name as string;

describe('signing in to Pelcro', () => {
  test('goes through its steps and shows who was granted', async () => {
    await using stage = await startStage();
    const { story } = await stage.add('Herald', 'herald');
    expect(story.last).toMatchObject({ step: 'done', who: 'The Herald (production)', notes: [] });
    expect(story.steps.filter((step) => step === 'waiting')).toHaveLength(1);
    expect(story.page?.status).toBe(200);
    expect(await stage.account('herald')).toMatchObject({
      state: 'ready',
      identity: { subject: 'herald', summary: 'The Herald (production)' },
      grant: { issuer: stage.oauth.issuer, renewable: true },
      condition: { state: 'ready', text: '', action: 'none' },
    });
  });

  test('an account that nobody signed in to says so at once, to clients as well', async () => {
    await using stage = await startStage();
    await stage.world.add(stage.entry('Herald'));
    expect(await stage.account('herald')).toMatchObject({
      state: 'sign-in-needed',
      signInReason: 'never',
      condition: { state: 'sign-in-needed', action: 'sign-in' },
    });
    const client = await stage.world.connect('http', 'herald');
    const refused = await failure(client.listTools());
    expect(refused.message).toContain(
      'Herald: sign-in needed. Nobody has signed in yet. Sign in: open Gangway',
    );
    expect(refused).toMatchObject({ code: -31001, data: { source: 'bridge', code: 'sign-in-needed' } });
    expect(stage.pelcro.requests.all).toEqual([]);
  });

  test('LP-05 declining ends it; the account stays as it was', async () => {
    await using stage = await startStage();
    const { story } = await stage.add('Herald', 'herald', { choose: { decline: true } });
    expect(story.last).toMatchObject({ step: 'failed', message: 'You chose not to allow access.' });
    expect(await stage.account('herald')).toMatchObject({ state: 'sign-in-needed', signInReason: 'never' });
  });

  test('LP-15 who signs in again as somebody else is refused, nothing is stored, and the sign-in before is not ended', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    const client = await stage.world.connect('stdio', 'herald');
    const again = await signInAs(stage.control, 'herald', { choose: { account: 'gazette' } });
    expect(again.last).toMatchObject({
      step: 'failed',
      code: 'conflict',
      message:
        'You signed in as The Gazette (production), but Herald belongs to The Herald (production). Nothing was stored.',
    });
    // Revoking them could end the good sign-in too: servers may treat both as one grant to one client.
    expect(stage.oauth.requests.of('revocation')).toEqual([]);
    expect(await nameIn(client)).toBe('The Herald');
    expect(await stage.account('herald')).toMatchObject({ state: 'ready', identity: { subject: 'herald' } });
  });

  test('one registration serves all accounts of an authorization server', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    await stage.add('Gazette', 'gazette');
    expect(stage.oauth.requests.of('registration')).toHaveLength(1);
  });
});

describe('an identity that another account has already', () => {
  test.each([
    ['update', 'herald', ['herald']],
    ['keep-both', 'herald-2', ['herald', 'herald-2']],
  ] as const)('the choice "%s" stores the sign-in with %s', async (choice, holder, left) => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    const questions: string[] = [];
    const { story } = await stage.add('Herald', 'herald', {
      answer: ({ question }) => {
        questions.push(question.text);
        return choice;
      },
    });
    expect(questions).toEqual([
      'You signed in as The Herald (production), which you already have as Herald. Update its sign-in, or pick another account?',
    ]);
    const { id } = await stage.account(holder);
    expect(story.last).toMatchObject({ step: 'done', account: id });
    expect((await stage.control.accounts.list()).map(({ slug }) => slug)).toEqual(left);
    const client = await stage.world.connect('http', holder);
    expect(await nameIn(client)).toBe('The Herald');
  });

  test('the choice "again" leads to the consent page once more', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    let asked = 0;
    const wanted = ['herald', 'gazette'];
    const { signInByScript } = await import('../browser/scripted.ts');
    const { story } = await stage.add('Second', 'herald', {
      open: (link) => signInByScript(link, { account: wanted.shift() ?? '' }),
      answer: () => {
        asked += 1;
        return 'again';
      },
    });
    expect(asked).toBe(1);
    expect(story.last).toMatchObject({ step: 'done', who: 'The Gazette (production)' });
  });

  test('the choice "cancel" stores nothing and leaves the other account signed in', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    const { story } = await stage.add('Herald', 'herald');
    expect(story.last).toEqual({ step: 'cancelled' });
    expect(stage.oauth.requests.of('revocation')).toEqual([]);
    expect(await nameIn(await stage.world.connect('http', 'herald'))).toBe('The Herald');
    expect(await stage.account('herald-2')).toMatchObject({ state: 'sign-in-needed' });
  });
});

describe.each(doors)('a Pelcro account by %s', (door) => {
  test('AC-06 two accounts on one URL stay apart over 300 interleaved calls, with tokens renewed in between', async () => {
    await using stage = await startStage({ accessTokenSeconds: 2 });
    await stage.add('Herald', 'herald');
    await stage.add('Gazette', 'gazette');
    const seats = await Promise.all(
      [HERALD, GAZETTE, HERALD, GAZETTE].map(async (account) => ({
        account,
        client: await stage.world.connect(door, account.id),
      })),
    );
    for (let round = 0; round < 3; round += 1) {
      const calls = Array.from({ length: 100 }, async (_, index) => {
        const { account, client } = seats[index % seats.length]!;
        expect(await nameIn(client)).toBe(account.name);
      });
      await Promise.all(calls);
      // Whatever the clocks say, the next round begins with tokens that are over.
      stage.oauth.expireAccessTokens();
      await delay(2_000);
    }
    expect(stage.oauth.requests.tokens('refresh_token').every(({ status }) => status === 200)).toBe(true);
    expect(stage.oauth.requests.tokens('refresh_token').length).toBeGreaterThanOrEqual(2);
  });

  test('a token that stopped working is renewed once for everybody, and the call goes through', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    const client = await stage.world.connect(door, 'herald');
    expect(await nameIn(client)).toBe('The Herald');
    stage.oauth.expireAccessTokens();
    const names = await Promise.all(Array.from({ length: 20 }, () => nameIn(client)));
    expect(new Set(names)).toEqual(new Set(['The Herald']));
    expect(stage.oauth.requests.tokens('refresh_token')).toHaveLength(1);
  });

  test('RF-09 a sign-in that was ended at the server is said once, in words, and helps itself to no browser', async () => {
    await using stage = await startStage();
    await stage.add('Herald', 'herald');
    const client = await stage.world.connect(door, 'herald');
    await nameIn(client);
    stage.oauth.revokeGrants();
    const refused = await failure(nameIn(client));
    expect(refused).toMatchObject({ code: -31001 });
    expect(refused.message).toContain('Herald: sign-in needed.');
    expect(refused.message).toContain('gangway login herald');
    // The client hears of it before the list of accounts is saved.
    await vi.waitFor(async () => {
      expect(await stage.account('herald')).toMatchObject({
        state: 'sign-in-needed',
        signInReason: 'ended',
        grant: { issuer: stage.oauth.issuer },
      });
    });
    expect((await stage.control.signIn.list()).filter(({ state }) => state.step !== 'done')).toEqual([]);
    const asked = stage.oauth.requests.all.length;
    await failure(nameIn(client));
    expect(stage.oauth.requests.all).toHaveLength(asked);

    const again = await signInAs(stage.control, 'herald', { choose: { account: 'herald' } });
    expect(again.last.step).toBe('done');
    expect(await nameIn(client)).toBe('The Herald');
  });
});
