import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CpuProfile, type SelfTime, selfTimes } from './cpu-profile.ts';
import { eras } from './door.ts';
import { drive, loads } from './loads.ts';
import { doors, SetUp } from './set-up.ts';

/*
 * node test/bench/profile.ts [--door http|stdio] [--era legacy|modern] [--load "echo 100 B, 64"] [--seconds 5]
 *                            [--top 40] [--keep FILE.cpuprofile]
 *
 * Where the owner spends its time under one load: the time each function itself ran, summed per function and per file,
 * without the start and the end of the owner. `--keep` keeps the profile for a viewer.
 */

const { values } = parseArgs({
  options: {
    door: { type: 'string', default: 'http' },
    era: { type: 'string', default: 'legacy' },
    load: { type: 'string', default: 'echo 100 B, 64' },
    seconds: { type: 'string', default: '5' },
    top: { type: 'string', default: '40' },
    keep: { type: 'string' },
  },
});
const door = doors.find((one) => one === values.door);
const era = eras.find((one) => one === values.era);
const load = door && loads[door].find(({ name }) => name.startsWith(values.load));
if (!door || !era || !load) {
  const names = loads[door ?? 'stdio'].map(({ name }) => `"${name}"`);
  throw new Error(`Doors: ${doors.join(', ')}. Eras: ${eras.join(', ')}. Loads: ${names.join(', ')}.`);
}

await using setUp = await SetUp.start({
  bridge: 'Gangway',
  ownerArgs: (folder) => ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'],
});
let calls = 0;
let from = 0;
let to = 0;
{
  await using stack = new AsyncDisposableStack();
  const clients = Array.from({ length: load.clients ?? 1 }, () =>
    stack.use(setUp.open('Gangway', door, era, load.place)),
  );
  await Promise.all(clients.map((client) => client.begin()));
  // What is slow only the first time is not what a profile is for.
  await drive(clients, load, 1000);
  from = now();
  calls = (await drive(clients, load, Number(values.seconds) * 1000)).times.length;
  to = now();
}
await setUp.owner.stop();
const file = readdirSync(setUp.folder).find((name) => name.endsWith('.cpuprofile'));
if (!file) throw new Error('The owner left no profile.');
if (values.keep) copyFileSync(join(setUp.folder, file), values.keep);
const profile = JSON.parse(readFileSync(join(setUp.folder, file), 'utf8')) as CpuProfile;
const root = resolve(import.meta.dirname, '../..');
const times = selfTimes(profile, from, to, (url) => url.replace(`file://${root}/`, ''));

const seconds = (to - from) / 1e6;
const perCall = (times.busyMs / calls) * 1000;
process.stdout.write(
  `${door}, ${era}, ${load.name}: ${calls} calls in ${seconds.toFixed(1)} s (${(calls / seconds).toFixed(0)} calls/s); ` +
    `the owner was busy ${times.busyMs.toFixed(0)} ms, idle ${times.idleMs.toFixed(0)} ms: ${perCall.toFixed(0)} µs per call\n\n`,
);
show(times.functions.slice(0, Number(values.top)));
process.stdout.write('\n');
show(times.files.slice(0, Math.ceil(Number(values.top) / 2)));

function show(lines: readonly SelfTime[]): void {
  process.stdout.write('     ms      %  µs/call\n');
  for (const { name, ms } of lines) {
    const share = ((ms / times.busyMs) * 100).toFixed(1).padStart(6);
    const each = ((ms / calls) * 1000).toFixed(2).padStart(8);
    process.stdout.write(`${ms.toFixed(0).padStart(7)} ${share} ${each}  ${name}\n`);
  }
}

/** Microseconds of the clock that V8 uses. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
