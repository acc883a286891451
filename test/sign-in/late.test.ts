import { describe, expect, test } from 'vitest';
import { get, NAVIGATION } from '../oauth/browser.ts';
import { PATHS } from '../oauth/hostile.ts';
import { followSignIn, untilStep } from './person.ts';
import { answerTo, endOf, type Stage, startStage } from './stage.ts';

/** What a browser gets that comes back with this. */
const arrive = (redirectUri: string, query: Record<string, string>) =>
  get(`${redirectUri}?${new URLSearchParams(query)}`, { headers: NAVIGATION });

/** A sign-in that waits for its browser, and the answer the browser would bring. */
async function startWaiting(stage: Stage, slug = 'acme') {
  const { id } = await stage.start(slug);
  const { link } = await untilStep(stage.control, id, 'waiting');
  return { id, link, ...answerTo(link, stage.server.origin) };
}

describe('LP-10 an answer that arrives', () => {
  test('after the sign-in was cancelled finds a closed port, and nothing happens', async () => {
    await using stage = await startStage();
    await stage.add();
    const { id, redirectUri, query } = await startWaiting(stage);
    expect(await stage.control.signIn.cancel({ id })).toMatchObject({ state: { step: 'cancelled' } });
    await expect(arrive(redirectUri, query)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(stage.server.asked(PATHS.token)).toEqual([]);
    expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signInReason: 'never' });
  });

  test('after a restart belongs to no sign-in, and the one that waits by then goes on', async () => {
    await using before = await startStage();
    await before.add();
    const lost = await startWaiting(before);
    await before.world[Symbol.asyncDispose]();
    await expect(arrive(lost.redirectUri, lost.query)).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await using after = await startStage();
    await after.add();
    const { id, redirectUri, query } = await startWaiting(after);
    const page = await arrive(redirectUri, lost.query);
    expect([page.status, page.body]).toEqual([400, expect.stringContaining('Nothing happened.')]);
    expect(after.server.asked(PATHS.token)).toEqual([]);
    expect((await arrive(redirectUri, query)).status).toBe(303);
    expect(await endOf(after.control, id)).toMatchObject({ step: 'done' });
  });

  test('a second time is told that it is over, also when everything has gone through by then', async () => {
    await using stage = await startStage();
    await stage.add();
    const { id, redirectUri, query } = await startWaiting(stage);
    await arrive(redirectUri, query);
    expect(await endOf(stage.control, id)).toMatchObject({ step: 'done' });
    const page = await arrive(redirectUri, query);
    expect([page.status, page.body]).toEqual([409, expect.stringContaining('This sign-in is over')]);
    expect(stage.server.asked(PATHS.token)).toHaveLength(1);
  });
});

test('LP-11 when no browser opens, the link stays there for everybody who looks, and works later', async () => {
  await using stage = await startStage();
  await stage.add();
  const { id, link } = await startWaiting(stage);
  const [seen] = await stage.control.signIn.list();
  expect(seen).toMatchObject({ id, state: { step: 'waiting', link } });
  expect(await untilStep(stage.control, id, 'waiting')).toMatchObject({ link });
  expect((await followSignIn(stage.control, id)).last).toMatchObject({ step: 'done' });
});

describe('LP-13 a server that answers', () => {
  test.each([
    ['in the fragment, which no server sees', 'GET', 400],
    ['as a form', 'POST', 405],
  ] as const)('%s gets a page that explains, and the sign-in goes on', async (_, method, status) => {
    await using stage = await startStage();
    await stage.add();
    const { id, redirectUri, query } = await startWaiting(stage);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const page = await get(
      redirectUri,
      { method, headers: { ...NAVIGATION, ...(method === 'POST' ? form : {}) } },
      method === 'POST' ? String(new URLSearchParams(query)) : undefined,
    );
    expect([page.status, page.body]).toEqual([status, expect.stringContaining('The answer did not arrive')]);
    expect(stage.server.asked(PATHS.token)).toEqual([]);
    expect(await untilStep(stage.control, id, 'waiting')).toBeDefined();
    await arrive(redirectUri, query);
    expect(await endOf(stage.control, id)).toMatchObject({ step: 'done' });
  });
});
