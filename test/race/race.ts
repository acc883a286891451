import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { runRace } from './run.ts';

/*
 * The race of renewals, as long as you like: `npm run race -- --seconds 600`. Ends with 1 when anything was lost, went to
 * the wrong account, or asked for a sign-in that no kill explains.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    clients: { type: 'string', default: '20' },
    'token-seconds': { type: 'string', default: '2' },
    'kill-every': { type: 'string', default: '20' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'gangway-race-'));
try {
  const report = await runRace({
    folder,
    seconds: Number(values.seconds),
    clients: Number(values.clients),
    tokenSeconds: Number(values['token-seconds']),
    killEverySeconds: Number(values['kill-every']),
    say: (line) => void stdout.write(`  ${line}\n`),
  });
  const { windowsMs, unexpected, ...numbers } = report;
  const at = (share: number): string =>
    `${(windowsMs[Math.floor((windowsMs.length - 1) * share)] ?? 0).toFixed(1)} ms`;
  stdout.write(`${JSON.stringify(numbers, null, 2)}\n`);
  stdout.write(`crash window: median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}\n`);
  for (const line of new Set(unexpected)) stdout.write(`unexpected: ${line}\n`);
  const { misrouted, unplanned, strayRefusals, uninvited } = report;
  if (misrouted + unplanned.length + strayRefusals + uninvited + unexpected.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
