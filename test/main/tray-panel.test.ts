import { expect, test, vi } from 'vitest';
import { openTrayPanel, type PanelParts, type RunProgram } from '#main/tray-panel.ts';
import { connectBus } from '../desktop-host/bus.ts';
import { startBus } from '../vault/session-bus.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';

/** What each program prints; one that is not named is not there. */
type Answers = Partial<Record<'gdbus' | 'busctl' | 'dbus-send', string>>;

/** A desktop whose panel is asked through scripted programs, and whose time passes when the test says so. */
function asked(answers: Answers, parts: Partial<PanelParts> = {}) {
  const runs: string[] = [];
  const waits: { readonly ms: number; readonly pass: () => void }[] = [];
  const run: RunProgram = async (program, words) => {
    runs.push(program);
    expect(words.join(' ')).toContain(WATCHER);
    const answer = (answers as Record<string, string | undefined>)[program];
    if (answer === undefined) throw Object.assign(new Error('no such program'), { code: 'ENOENT' });
    return answer;
  };
  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      waits.push({ ms, pass: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const panel = openTrayPanel({ platform: 'linux', environment: {}, run, wait, ...parts });
  return { panel, runs, waits, answers };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each<[string, Answers, boolean, string[]]>([
  ['gdbus', { gdbus: '(true,)\n' }, true, ['gdbus']],
  ['gdbus', { gdbus: '(false,)\n' }, false, ['gdbus']],
  ['busctl', { busctl: 'b true\n' }, true, ['gdbus', 'busctl']],
  ['busctl', { busctl: 'b false\n' }, false, ['gdbus', 'busctl']],
  ['dbus-send', { 'dbus-send': '   boolean true' }, true, ['gdbus', 'busctl', 'dbus-send']],
  ['dbus-send', { 'dbus-send': '   boolean false' }, false, ['gdbus', 'busctl', 'dbus-send']],
  ['none of them, which counts as yes', {}, true, ['gdbus', 'busctl', 'dbus-send']],
  ['one that says something else', { gdbus: 'falsehood', busctl: 'b false' }, false, ['gdbus', 'busctl']],
])('a panel is found by %s: %j', async (_by, answers, expected, programs) => {
  const { panel, runs } = asked(answers);
  await using _panel = panel;
  expect(await panel.look()).toBe(expected);
  expect([panel.isThere, runs]).toEqual([expected, programs]);
});

test.each(['darwin', 'win32'] as const)('on %s there is one, and nobody is asked', async (platform) => {
  const { panel, runs } = asked({ gdbus: '(false,)' }, { platform });
  await using _panel = panel;
  expect([await panel.look(), runs]).toEqual([true, []]);
});

test('one that comes late is found by looking again, ever less often, and is told', async () => {
  const { panel, waits, answers } = asked({ gdbus: '(false,)' });
  await using _panel = panel;
  const told: boolean[] = [];
  using _changes = panel.changed.on(() => told.push(panel.isThere));
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  expect(told).toEqual([false]);
  waits[0]?.pass();
  await vi.waitFor(() => expect(waits).toHaveLength(2));
  answers.gdbus = '(true,)';
  waits[1]?.pass();
  await vi.waitFor(() => expect(told).toEqual([false, true]));
  await settled();
  expect(waits.map(({ ms }) => ms)).toEqual([2_000, 5_000]);
});

test('one that never comes is not looked for for ever, but one that went is', async () => {
  const { panel, runs, waits, answers } = asked({ gdbus: '(false,)' });
  await using _panel = panel;
  for (let round = 0; round < 4; round += 1) {
    await vi.waitFor(() => expect(waits).toHaveLength(round + 1));
    waits[round]?.pass();
  }
  await vi.waitFor(() => expect(runs).toHaveLength(5));
  await settled();
  expect(waits).toHaveLength(4);
  answers.gdbus = '(true,)';
  expect(await panel.look()).toBe(true);
  answers.gdbus = '(false,)';
  expect(await panel.look()).toBe(false);
  await vi.waitFor(() => expect(waits).toHaveLength(5));
});

test('whoever looks at the same time gets the same answer', async () => {
  const { panel, runs } = asked({ gdbus: '(true,)' });
  await using _panel = panel;
  await Promise.all([panel.look(), panel.look(), panel.look()]);
  expect(runs).toEqual(['gdbus']);
});

test('who does not answer holds nobody for longer than the limit, and nobody at the end', async () => {
  const run: RunProgram = (_program, _words, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  await using short = asked({}, { run, askMs: 20 }).panel;
  expect(await short.look()).toBe(true);
  const long = asked({}, { run, askMs: 60_000 }).panel;
  const looking = long.look();
  await long[Symbol.asyncDispose]();
  expect([await looking, await long.look()]).toEqual([true, true]);
});

test('without a session bus no program is started, because it might start a bus', async () => {
  const environment = { PATH: '/nonexistent', XDG_RUNTIME_DIR: '/nonexistent' };
  await using panel = openTrayPanel({ platform: 'linux', environment });
  expect(await panel.look()).toBe(true);
});

test.runIf(process.platform === 'linux')('a real bus says whether there is a panel', async () => {
  await using bus = await startBus();
  const address = bus.environment.DBUS_SESSION_BUS_ADDRESS ?? '';
  await using panel = openTrayPanel({ platform: 'linux', environment: bus.environment });
  expect(await panel.look()).toBe(false);
  using other = await connectBus(address);
  await other.own(WATCHER);
  expect(await panel.look()).toBe(true);
});
