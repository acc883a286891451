import { expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { runEndurance } from './run.ts';

/** Wall time of the short run; `npm run endurance` takes as long as you like. */
const SECONDS = 60;

test(
  'clients of both doors and eras lose, double, mix and leak nothing over switches, restarts and kills',
  async () => {
    await using home = await temporaryHome();
    const report = await runEndurance({
      folder: home.path,
      clients: 50,
      calls: 1_000_000,
      seconds: SECONDS,
      // Other tests run beside it.
      rate: 150,
      lanes: 2,
      seed: 7,
      killEverySeconds: 15,
      restartEverySeconds: 6,
      tokenSeconds: 8,
      calmShare: 0.3,
      say: () => undefined,
    });
    expect(report.wrong).toEqual([]);
    // It must have been a trial at all.
    expect(report.calls).toBeGreaterThan(500);
    expect(report.counts.kills).toBeGreaterThan(0);
    expect(report.counts.restarts).toBeGreaterThan(2);
    expect(report.counts.switches).toBeGreaterThan(5);
    expect(report.seen.renewals).toBeGreaterThan(5);
    for (const way of ['stdio legacy', 'stdio modern', 'http legacy', 'http modern']) {
      expect(report.found.answered[way]).toBeGreaterThan(50);
    }
  },
  (SECONDS + 120) * 1000,
);
