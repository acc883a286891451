import { expect, test } from 'vitest';
import { openableLink, openPage, wayToOpen } from '#bridge/cli/browser.ts';
import { startBrowser } from './a-browser.ts';

const usual = { kind: 'usual' } as const;
const page = 'https://as.example/authorize?a=1&b=%22';

test.each([
  ['linux', { DISPLAY: ':0' }, 'xdg-open', []],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open', []],
  ['darwin', {}, '/usr/bin/open', []],
  ['win32', { SystemRoot: 'D:\\Win' }, 'D:\\Win\\System32\\rundll32.exe', ['url.dll,FileProtocolHandler']],
  ['win32', {}, 'C:\\Windows\\System32\\rundll32.exe', ['url.dll,FileProtocolHandler']],
] as const)('on %s with %j a page opens with %s', (platform, environment, file, args) => {
  expect(wayToOpen(usual, platform, environment)).toEqual({ kind: 'program', file, args });
});

test.each([{}, { DISPLAY: '' }])(
  'without a desktop, as in %j, nothing opens and it is said',
  (environment) => {
    expect(wayToOpen(usual, 'linux', environment)).toEqual({
      kind: 'nothing',
      why: 'There is no desktop here, so no page was opened.',
    });
  },
);

test('a browser of choice is one program without arguments, and none is none', () => {
  const chosen = wayToOpen({ kind: 'program', program: 'my browser --new' }, 'linux', {});
  expect(chosen).toEqual({ kind: 'program', file: 'my browser --new', args: [] });
  expect(wayToOpen({ kind: 'none' }, 'darwin', {})).toEqual({ kind: 'nothing', why: '' });
});

test.each([
  'https://x/$(calc)',
  'https://x/`calc`',
  'https://x/?a=%22&calc&%22',
  'https://x/%22',
  "https://x/';calc;'",
  'https://x/|calc',
  'https://x/?--flag',
])('OA-21 the page %s reaches the browser as exactly one argument, and no shell reads it', async (link) => {
  await using browser = await startBrowser();
  const failures: string[] = [];
  openPage({ kind: 'program', file: browser.file, args: browser.args }, link, process.env, (why) =>
    failures.push(why),
  );
  expect((await browser.opened()).args).toEqual([link]);
  expect(failures).toEqual([]);
});

test.each([
  'https://x/"&calc&"',
  'https://x/\ncalc',
  'https://x/ --flag',
  ' --flag',
  '--flag',
  `https://x/${'a'.repeat(20 * 1024)}`,
  'https://x/ü',
  'https://x/\u001b[2J',
  'https://',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'HTTPS://x/',
  '',
])('OA-21 the page %j is refused before any program starts', (link) => {
  expect(() => openableLink(link)).toThrow(expect.objectContaining({ code: 'refused' }));
  const open = () =>
    openPage({ kind: 'program', file: '/nonexistent/browser', args: [] }, link, {}, () => undefined);
  expect(open).toThrow(expect.objectContaining({ code: 'refused' }));
});

test('the browser learns nothing of the settings of Gangway', async () => {
  await using browser = await startBrowser();
  const environment = { ...process.env, GANGWAY_HOME: '/x', gangway_vault: 'memory', OTHER: 'kept' };
  openPage({ kind: 'program', file: browser.file, args: browser.args }, page, environment, () => undefined);
  const { variables } = await browser.opened();
  expect(variables).toContain('OTHER');
  expect(variables.filter((name) => /^gangway_/i.test(name))).toEqual([]);
});

test.each([
  ['/nonexistent/browser', '/nonexistent/browser could not be started.'],
  ['bad\0name', 'bad name could not be started.'],
  // Node takes the page for a program and ends with 1.
  [process.execPath, `${process.execPath} ended with code 1.`],
])('LP-11 a browser that does not open is told: %j', async (file, said) => {
  const why = await new Promise<string>((resolve) => {
    openPage({ kind: 'program', file, args: [] }, page, process.env, resolve);
  });
  expect(why).toBe(said);
});
