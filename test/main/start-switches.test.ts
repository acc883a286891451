import { describe, expect, test } from 'vitest';
import { refusedSwitch } from '#main/start-switches.ts';

const REFUSED = [
  ...['--inspect', '--inspect=0.0.0.0:9229', '--inspect-brk', '--inspect-brk-node', '--inspect-port=1'],
  ...['--remote-debugging-port=9222', '--remote-debugging-pipe', '--remote-debugging-address=0.0.0.0'],
  ...['--remote-allow-origins=*', '--no-sandbox', '--disable-gpu-sandbox', '--disable-setuid-sandbox'],
  ...['--js-flags=--allow-natives-syntax', '--disable-web-security', '--disable-site-isolation-trials'],
  ...['--load-extension=/x', '--user-data-dir=/x', '--ignore-certificate-errors', '--single-process'],
  ...['--ignore-certificate-errors-spki-list=x', '--ssl-key-log-file=/x', '--log-net-log=/x'],
  ...['--renderer-cmd-prefix=sh', '--utility-cmd-prefix=sh', '--gpu-launcher=sh', '--host-rules=MAP * x'],
  ...['--browser-subprocess-path=/x', '--unsafely-treat-insecure-origin-as-secure=http://x'],
  ...['--require', '-r', '-e', '--eval=1', '--import=x', '--experimental-loader=x', '--env-file=.env'],
  ...['-inspect', '-remote-debugging-port=1', '--INSPECT', '--No-Sandbox'],
];

describe('an installed app', () => {
  test.each(REFUSED)('does not start with %s', (argument) => {
    expect(refusedSwitch([argument], 'linux')).toBe(argument);
  });

  test('DL-04 finds a switch wherever it stands beside a link', () => {
    const link = 'gangway://add?url=https://x.example';
    const port = '--remote-debugging-port=9222';
    for (const argv of [
      [link, port],
      [port, link],
      ['--', port, link],
      [link, '--hidden', port, '--inspect'],
    ]) {
      expect(refusedSwitch(argv, 'linux')).toBe(port);
    }
  });

  test('refuses the slash that Windows takes for a dash, and takes it for a path elsewhere', () => {
    expect(refusedSwitch(['/inspect'], 'win32')).toBe('/inspect');
    expect(refusedSwitch(['/inspect'], 'linux')).toBeUndefined();
  });

  test.each([
    ...[
      '--hidden',
      '--force-device-scale-factor=2',
      '--lang=de',
      '--ozone-platform-hint=auto',
      '--disable-gpu',
    ],
    ...['-psn_0_12345', '--proxy-server=http://127.0.0.1:1', '/home/ann/inspect', 'inspect', '@file', ''],
  ])('starts with %s', (argument) => {
    expect(refusedSwitch([argument], 'darwin')).toBeUndefined();
  });

  test.each([
    'gangway://add?url=https://x.example&name=--remote-debugging-port=9222',
    'gangway://add?name=--settings=e.json',
    'gangway://add?name=--inspect=0.0.0.0:1',
    'gangway://add?name=-e',
    'gangway://add?name=@file',
  ])('DL-10 takes what stands in a link for text: %s', (link) => {
    expect(refusedSwitch([link], 'win32')).toBeUndefined();
  });
});
