import { afterAll, beforeEach } from 'vitest';
import { oncePerProcess } from '../canary/once-per-process.ts';
import { takeBroken } from './broken.ts';
import { forgetDoors, watchArrivals } from './http-arrivals.ts';
import { findLeftOpen, openNow } from './left-open.ts';
import { forgetClicks, watchOpeners } from './openers.ts';
import { endStdioClients, watchStdioClients } from './stdio-clients.ts';
import { watchStores } from './stores.ts';

/*
 * Checks the invariants of Gangway after every test. What a test left behind is looked for once per file, because parts
 * that a file shares may live as long as the file.
 */

for (const watch of [watchArrivals, watchOpeners, watchStdioClients, watchStores]) oncePerProcess(watch);
const before = openNow();

beforeEach(({ onTestFinished }) => {
  // Registered before anything of the test itself, so it runs after everything of the test, but before the scan for secrets.
  onTestFinished(async () => {
    await endStdioClients('test');
    forgetClicks();
    failOnBroken();
  });
});

afterAll(async () => {
  await endStdioClients('file');
  await findLeftOpen(before);
  forgetDoors();
  failOnBroken();
});

function failOnBroken(): void {
  const all = takeBroken();
  if (all.length > 0) throw new Error(`Invariants broken:\n${all.map((one) => `- ${one}`).join('\n')}`);
}
