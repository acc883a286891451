import { expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { runRace } from './run.ts';

test('KL-01: clients of two accounts with tokens of two seconds, switches and a killed owner lose and mix nothing', async () => {
  await using home = await temporaryHome();
  const report = await runRace({
    folder: home.path,
    seconds: 20,
    clients: 8,
    tokenSeconds: 2,
    killEverySeconds: 6,
    say: () => undefined,
  });
  expect(report).toMatchObject({
    misrouted: 0,
    unexpected: [],
    unplanned: [],
    strayRefusals: 0,
    uninvited: 0,
  });
  // It must have been a race at all.
  expect(report.answered).toBeGreaterThan(100);
  expect(report.renewals).toBeGreaterThan(5);
  expect(report.kills).toBeGreaterThan(0);
  expect(report.interrupted).toBeLessThanOrEqual(report.kills);
}, 120_000);
