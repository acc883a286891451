import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { tableOf } from './report.ts';
import { runEndurance } from './run.ts';

/*
 * npm run endurance -- [--calls N] [--minutes M | --seconds S] [--clients N] [--seed N] [--json]
 *
 * Many clients by both doors and in both eras, eight accounts, switches all the time, workspaces that go down, owners
 * that are killed. Ends with 1 when a call was lost, doubled or misrouted, a secret leaked, or memory grew.
 */

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    clients: { type: 'string', default: '50' },
    /** Calls of one client at once. */
    lanes: { type: 'string', default: '2' },
    /** Calls per second of all together; as many as possible when it is 0. */
    rate: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'kill-every': { type: 'string', default: '60' },
    'restart-every': { type: 'string', default: '10' },
    'token-seconds': { type: 'string', default: '5' },
    /** The part of the run, at its end, without kills: one long life, whose memory is looked at. */
    calm: { type: 'string', default: '0.35' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes);
const folder = await mkdtemp(join(tmpdir(), 'gangway-endurance-'));
try {
  const report = await runEndurance({
    folder,
    clients: Number(values.clients),
    calls: Number(values.calls),
    seconds: values.seconds === undefined ? minutes * 60 : Number(values.seconds),
    rate: Number(values.rate),
    lanes: Number(values.lanes),
    seed: Number(values.seed),
    killEverySeconds: Number(values['kill-every']),
    restartEverySeconds: Number(values['restart-every']),
    tokenSeconds: Number(values['token-seconds']),
    calmShare: Number(values.calm),
    say: (line) => void (values.json ? stderr : stdout).write(`  ${line}\n`),
  });
  const { found, ...numbers } = report;
  const { outcomes: _, allowed: __, shapes: ___, ...kept } = found;
  stdout.write(values.json ? `${JSON.stringify({ ...numbers, found: kept }, null, 2)}\n` : tableOf(report));
  if (report.wrong.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
