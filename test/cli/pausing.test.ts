import { expect, test } from 'vitest';
import { pauseAll } from '#bridge/cli/commands/pause.ts';
import { resumeAll } from '#bridge/cli/commands/resume.ts';
import { settings } from '#bridge/cli/commands/settings.ts';
import { showStatus } from '#bridge/cli/commands/status.ts';
import { localTime } from '#bridge/cli/words.ts';
import { freshPaths, startOwner } from '../control/an-owner.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

/** The commands over a whole bridge. */
async function startDesk() {
  const bridge = await startOwner(await freshPaths());
  const parts = partsOf(testTerminal(), bridge.control);
  return {
    parts,
    status: async () => (await showStatus(parts)).lines.join('\n'),
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}

test('a pause says when it ends, and so does the status', async () => {
  await using desk = await startDesk();
  const { lines, value } = await pauseAll({ minutes: 15 }, desk.parts);
  const { pausedUntil } = value as { pausedUntil: string };
  const until = localTime(pausedUntil, new Date());
  expect(lines).toEqual([`All access is paused until ${until}. Go on before that with: gangway resume`]);
  expect(await desk.status()).toContain(`paused until ${until}; go on before that with: gangway resume`);
  expect((await resumeAll(desk.parts)).value).toMatchObject({ paused: false, pausedUntil: null });
  expect(await desk.status()).not.toContain('paused');
});

test('a pause without an end says how to end it', async () => {
  await using desk = await startDesk();
  expect((await pauseAll({}, desk.parts)).lines).toEqual([
    'All access is paused. Go on with: gangway resume',
  ]);
  expect(await desk.status()).toContain('paused; go on with: gangway resume');
});

test('the settings show a proxy and read-only, and no end of a pause', async () => {
  await using desk = await startDesk();
  await pauseAll({ minutes: 15 }, desk.parts);
  const proxy = { mode: 'manual', url: 'http://proxy.example.com:8080' } as const;
  expect(await settings({ kind: 'set', key: 'proxy', change: { proxy } }, desk.parts)).toEqual({
    value: { proxy },
    lines: ['proxy: http://proxy.example.com:8080'],
  });
  const all = await settings({ kind: 'all' }, desk.parts);
  expect(all.lines.join('\n')).toMatch(/^proxy\s+http:\/\/proxy\.example\.com:8080\s+how workspaces/m);
  expect(all.lines.join('\n')).toMatch(/^readOnly\s+off\s+let no call through that changes/m);
  expect(JSON.stringify(all)).not.toContain('pausedUntil');
  await settings({ kind: 'set', key: 'proxy', change: { proxy: { mode: 'none' } } }, desk.parts);
  expect((await settings({ kind: 'one', key: 'proxy' }, desk.parts)).lines).toEqual(['proxy: none']);
});

test('the status says that everything is read-only, and how to end that', async () => {
  await using desk = await startDesk();
  expect(await desk.status()).not.toContain('read-only');
  await settings({ kind: 'set', key: 'readOnly', change: { readOnly: true } }, desk.parts);
  expect(await desk.status()).toContain(
    'everything is read-only; end that with: gangway settings read-only off',
  );
  expect((await showStatus(desk.parts)).value).toMatchObject({ readOnly: true });
});
