import { expect, test, vi } from 'vitest';
import { get, NAVIGATION } from '../oauth/browser.ts';
import { PATHS } from '../oauth/hostile.ts';
import { signInAs } from './person.ts';
import { answerTo, startStage } from './stage.ts';

// A person has ten minutes; nobody waits for them here.
vi.mock('#bridge/base/limits.ts', async (original) => {
  const { limits } = await original<typeof import('#bridge/base/limits.ts')>();
  return { limits: { ...limits, signInMs: 2_000 } };
});

test('LP-10 an answer that arrives after ten minutes is told so, and nothing happens', async () => {
  await using stage = await startStage();
  await stage.add();
  const links: string[] = [];
  const { last } = await signInAs(stage.control, 'acme', {
    open: async (link) => {
      links.push(link);
    },
  });
  expect(last).toEqual({
    step: 'failed',
    code: 'timeout',
    message: 'This sign-in has expired.',
    next: 'Start again.',
  });
  expect(links).toHaveLength(1);
  const { redirectUri, query } = answerTo(links[0] ?? '', stage.server.origin);
  const late = await get(`${redirectUri}?${new URLSearchParams(query)}`, { headers: NAVIGATION });
  expect([late.status, late.body]).toEqual([409, expect.stringContaining('This sign-in is over')]);
  expect(stage.server.asked(PATHS.token)).toEqual([]);
  expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signInReason: 'never' });
});
