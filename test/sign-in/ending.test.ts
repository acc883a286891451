import { describe, expect, test, vi } from 'vitest';
import type { SignInState } from '#contract/sign-in.ts';
import { signInByScript } from '../browser/scripted.ts';
import { get } from '../oauth/browser.ts';
import { json, PATHS } from '../oauth/hostile.ts';
import { jwt } from '../oauth/token-steps.ts';
import { followSignIn, signInAs, untilStep } from './person.ts';
import { answerMcp, answerTo, endOf, type Held, hold, type Stage, startStage } from './stage.ts';

/** Where a sign-in can be when something ends it, and what holds it there. */
interface Place {
  readonly step: SignInState['step'];
  readonly hold: (stage: Stage) => Held | undefined;
  /** Tokens were granted, so they have to be given back. */
  readonly isGranted: boolean;
}

const places: readonly Place[] = [
  {
    step: 'discovering',
    hold: ({ server }) => hold(server, PATHS.resource, server.resource()),
    isGranted: false,
  },
  {
    step: 'registering',
    hold: ({ server }) =>
      hold(server, PATHS.register, ({ body }, response) => {
        json(response, { ...(JSON.parse(body) as object), client_id: 'late' }, 201);
      }),
    isGranted: false,
  },
  { step: 'waiting', hold: () => undefined, isGranted: false },
  {
    step: 'exchanging',
    hold: ({ server }) => hold(server, PATHS.token, (_, response) => json(response, server.tokens())),
    isGranted: true,
  },
  {
    step: 'identity',
    hold: ({ server }) => {
      const held = hold(server, '/identity', (_, response) => void response.writeHead(500).end());
      server.on(PATHS.mcp, async ({ headers, body }, response) => {
        const challenge = `Bearer resource_metadata="${server.origin}${PATHS.resource}"`;
        if (headers.authorization === undefined) {
          response.writeHead(401, { 'www-authenticate': challenge }).end();
          return;
        }
        await fetch(`${server.origin}/identity`);
        answerMcp(response, body);
      });
      return held;
    },
    isGranted: true,
  },
];

/** A sign-in that has come as far as this place; `redirectUri` where there is one. */
async function arrived(stage: Stage, { step, hold: holdAt }: Place) {
  await stage.add();
  const held = holdAt(stage);
  const { id } = await stage.start();
  if (step === 'discovering' || step === 'registering') {
    await held?.asked;
    await untilStep(stage.control, id, step);
    return { id, held, redirectUri: undefined };
  }
  const { link } = await untilStep(stage.control, id, 'waiting');
  const { redirectUri } = answerTo(link, stage.server.origin);
  if (held) {
    await signInByScript(link);
    await held.asked;
    await untilStep(stage.control, id, step);
  }
  return { id, held, redirectUri };
}

/** The end of the sign-in has reached its steps: the port for the browser is closed. */
async function portClosed(redirectUri: string | undefined): Promise<void> {
  if (redirectUri === undefined) return;
  await vi.waitFor(() => expect(get(redirectUri)).rejects.toMatchObject({ code: 'ECONNREFUSED' }), {
    timeout: 10_000,
  });
}

/** Nothing of the sign-in stays: its tokens were given back, or there never were any. */
function expectGivenBack({ server }: Stage, { isGranted }: Place): void {
  const hints = server.asked(PATHS.revoke).map(({ form }) => form.get('token_type_hint'));
  expect(hints.sort()).toEqual(isGranted ? ['access_token', 'refresh_token'] : []);
  expect(server.asked(PATHS.token)).toHaveLength(isGranted ? 1 : 0);
}

describe.each(places)('while it is $step, a sign-in', (place) => {
  test('that is cancelled leaves nothing behind', async () => {
    await using stage = await startStage();
    const { id, held, redirectUri } = await arrived(stage, place);
    const cancelled = stage.control.signIn.cancel({ id });
    await portClosed(redirectUri);
    held?.release();
    expect(await cancelled).toMatchObject({ state: { step: 'cancelled' } });
    expectGivenBack(stage, place);
    expect(await stage.account()).toMatchObject({
      state: 'sign-in-needed',
      signInReason: 'never',
      condition: { state: 'sign-in-needed' },
    });
  });

  test('whose account is removed leaves nothing behind', async () => {
    await using stage = await startStage();
    const { id, held, redirectUri } = await arrived(stage, place);
    await stage.control.accounts.remove({ account: 'acme' });
    await portClosed(redirectUri);
    held?.release();
    expect(await endOf(stage.control, id)).toEqual({ step: 'cancelled' });
    expectGivenBack(stage, place);
    expect(await stage.control.accounts.list()).toEqual([]);
  });

  test('does not keep Gangway from stopping, and leaves nothing behind', async () => {
    await using stage = await startStage();
    const { held, redirectUri } = await arrived(stage, place);
    const stopped = stage.world[Symbol.asyncDispose]();
    await portClosed(redirectUri);
    held?.release();
    await stopped;
    expectGivenBack(stage, place);
  });

  test('ends when another one for the same account begins', async () => {
    await using stage = await startStage();
    const { id, held, redirectUri } = await arrived(stage, place);
    const next = stage.start();
    await portClosed(redirectUri);
    for (const path of [PATHS.resource, PATHS.register, PATHS.token, PATHS.mcp]) stage.server.behave(path);
    held?.release();
    const { last } = await followSignIn(stage.control, (await next).id);
    expect(last).toMatchObject({ step: 'done' });
    const states = (await stage.control.signIn.list()).map((one) => [one.id === id, one.state.step]);
    expect(states).toEqual([
      [false, 'done'],
      [true, 'cancelled'],
    ]);
    expect(await stage.account()).toMatchObject({ state: 'ready' });
  });
});

// The limit is far below the half minute a token endpoint may take.
test('a token endpoint that never answers does not keep Gangway from stopping', {
  timeout: 20_000,
}, async () => {
  await using stage = await startStage();
  await arrived(stage, places.find(({ step }) => step === 'exchanging') ?? expect.unreachable());
  await stage.world[Symbol.asyncDispose]();
  expect(stage.server.asked(PATHS.token)).toHaveLength(1);
});

describe('while it asks, a sign-in', () => {
  /** The second account signs in as the person whom the first one has already. */
  async function startAsking(stage: Stage) {
    const { server, control } = stage;
    const sub = jwt({ sub: 'ann', name: 'Ann' });
    server.on(PATHS.token, (_, response) => json(response, server.tokens({ id_token: sub })));
    await stage.add('Acme');
    await stage.add('Beta');
    expect((await signInAs(control, 'acme')).last).toMatchObject({ step: 'done', who: 'Ann at hostile' });
    const { id } = await stage.start('beta');
    const { link } = await untilStep(control, id, 'waiting');
    await signInByScript(link);
    expect(await untilStep(control, id, 'asking')).toMatchObject({ question: { kind: 'same-identity' } });
    return id;
  }

  test('that is cancelled stores nothing, and the other account stays signed in', async () => {
    await using stage = await startStage();
    const id = await startAsking(stage);
    expect(await stage.control.signIn.cancel({ id })).toMatchObject({ state: { step: 'cancelled' } });
    // Both were granted to one client, and some servers end everything of it.
    expect(stage.server.asked(PATHS.revoke)).toEqual([]);
    expect(await stage.account('beta')).toMatchObject({ state: 'sign-in-needed', signInReason: 'never' });
    await stage.control.accounts.check({ account: 'acme' });
    await expect(stage.control.signIn.answer({ id, choice: 'update' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  test('whose account is removed ends, and the other account stays signed in', async () => {
    await using stage = await startStage();
    const id = await startAsking(stage);
    await stage.control.accounts.remove({ account: 'beta' });
    expect(await endOf(stage.control, id)).toEqual({ step: 'cancelled' });
    expect(stage.server.asked(PATHS.revoke)).toEqual([]);
    expect(await stage.account('acme')).toMatchObject({ state: 'ready' });
  });

  test('to update an account that is removed meanwhile, stores nothing and gives its tokens back', async () => {
    await using stage = await startStage();
    const id = await startAsking(stage);
    await stage.control.accounts.remove({ account: 'acme' });
    const told = stage.server.asked(PATHS.revoke).length;
    await stage.control.signIn.answer({ id, choice: 'update' });
    expect(await endOf(stage.control, id)).toMatchObject({
      step: 'failed',
      code: 'account-unknown',
    });
    expect(stage.server.asked(PATHS.revoke)).toHaveLength(told + 2);
    expect(await stage.account('beta')).toMatchObject({ state: 'sign-in-needed' });
  });

  test('does not keep Gangway from stopping', async () => {
    await using stage = await startStage();
    await startAsking(stage);
    await stage.world[Symbol.asyncDispose]();
    expect(stage.server.asked(PATHS.revoke)).toEqual([]);
  });
});

test.each([
  ['the first one first', ['acme', 'beta']],
  ['the second one first', ['beta', 'acme']],
])('two accounts that are signed in to at once, %s, each get their own tokens', async (_, order) => {
  await using stage = await startStage();
  const { server, control } = stage;
  const bearers = new Map<string, string>();
  server.on(PATHS.token, ({ form }, response) => {
    const tokens = server.tokens();
    bearers.set(form.get('code') ?? '', `Bearer ${String(tokens.access_token)}`);
    json(response, tokens);
  });
  await stage.add('Acme');
  await stage.add('Beta');
  const started = [await stage.start('acme'), await stage.start('beta')];
  const waiting = new Map<string, { id: string; link: string }>();
  for (const { id, label } of started) {
    const { link } = await untilStep(control, id, 'waiting');
    waiting.set(label.toLowerCase(), { id, link });
  }
  expect(new Set([...waiting.values()].map(({ link }) => answerTo(link, '').redirectUri)).size).toBe(2);
  for (const slug of order) {
    const { id, link } = waiting.get(slug) ?? expect.unreachable();
    const { redirectUri, query } = answerTo(link, server.origin, { code: `of-${slug}` });
    expect((await get(`${redirectUri}?${new URLSearchParams(query)}`)).status).toBe(303);
    expect(await endOf(control, id)).toMatchObject({ step: 'done' });
  }
  for (const slug of ['acme', 'beta']) {
    const before = server.seen.length;
    await control.accounts.check({ account: slug });
    const sent = new Set(server.seen.slice(before).map(({ headers }) => headers.authorization));
    expect(sent.size === 1 && sent.has(bearers.get(`of-${slug}`) ?? '')).toBe(true);
  }
});
