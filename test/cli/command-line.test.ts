import { expect, test } from 'vitest';
import { runWords } from '#bridge/cli/program.ts';
import { canary } from '../canary/canary.ts';
import { contextOf, testTerminal } from './a-terminal.ts';

/** Runs the command line in this process, with nothing that reaches an owner. */
async function run(...words: string[]) {
  const screen = testTerminal();
  const code = await runWords(words, contextOf(screen, { GANGWAY_HOME: '/nonexistent/gangway' }));
  return { code, stdout: screen.stdout(), stderr: screen.stderr() };
}

const COMMANDS = [
  'serve',
  'stdio',
  'add',
  'login',
  'logout',
  'look',
  'accounts',
  'use',
  'as',
  'check',
  'tools',
  'rotate',
  'update',
  'remove',
  'clients',
  'connect',
  'disconnect',
  'restore',
  'migrate',
  'endpoint',
  'status',
  'doctor',
  'log',
  'export',
  'pause',
  'resume',
  'unlock',
  'settings',
  'completion',
];

test('--help lists every command, the exit codes and the environment', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  expect(stdout).toContain('Exit codes: 0 done');
  expect(stdout).toContain('GANGWAY_PASSPHRASE_FILE');
});

test.each(COMMANDS)('%s explains itself', async (command) => {
  const { code, stdout } = await run(command, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: gangway ${command}`);
  expect(stdout).toContain('--json');
});

test('--version prints the version', async () => {
  expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['frobnicate'], "Unknown command 'frobnicate'."],
  [['acounts'], "Unknown command 'acounts'. Did you mean accounts?"],
  [['use'], "Missing required argument 'account'."],
  [['use', 'a', 'b'], "Too many arguments for 'use'."],
  [['status', '--colour'], "Unknown option '--colour'."],
  [['add', 'pelcro', '--environment', 'moon'], 'Allowed choices are production, staging, development.'],
  [['serve', '--port', '80'], 'A port is a number from 1024 to 65535.'],
  [['log', '--since', 'tomorrow-ish'], 'Write it as 30m, 2h, 7d'],
  [['log', '--limit', '0'], 'from 1 to 10000'],
  [['update', 'acme', '--allow', 'x', '--allow-all'], 'cannot be used with'],
  [['as', 'acme'], 'Name the member'],
  [['login'], "Missing required argument 'account'."],
  [['login', 'acme', '--browser', 'x', '--print-url'], 'cannot be used with'],
  [['login', 'acme', '--browser', ' '], 'Name a program.'],
  [['login', 'acme', '--answer', 'maybe'], 'Allowed choices are continue, update, keep-both, again, cancel.'],
  [['add', 'custom', '--client-secret-stdin'], 'Add --client-id'],
  [['add', 'custom', '--sign-in', 'saml'], 'Allowed choices are none, key, oauth.'],
  [['settings', 'colour'], 'There is no such setting.'],
  [['settings', 'pausedUntil'], 'There is no such setting.'],
  [['settings', 'proxy', 'proxy.example.com:8080'], 'begins with http:// or https://'],
  [['pause', '--for', 'soon'], 'Say how long'],
  [['add', 'github'], 'There is no such connector.'],
])('wrong use %j ends with code 2 and one sentence on stderr', async (words, said) => {
  const { code, stdout, stderr } = await run(...words);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(said);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('without any word the help is shown on stderr and the code is 2', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: gangway');
});

test.each([
  [['use', '--json']],
  [['--json', 'settings', 'colour']],
  [['--json', 'export']],
  [['add', 'allv', '--json']],
  [['add', 'pelcro', '--sign-in', 'key', '--json']],
])('with --json wrong use %j is one document on stdout', async (words) => {
  const { code, stdout, stderr } = await run(...words);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'invalid-input', message: expect.any(String), details: {} },
  });
  expect(stderr).not.toBe('');
});

test('a key typed where no key belongs is not repeated', async () => {
  const key = canary('allv');
  for (const words of [
    [key],
    ['use', '--since', key],
    ['log', '--since', key],
    ['add', 'pelcro', '--sign-in', key],
    ['login', 'acme', '--answer', key],
    ['settings', 'proxy', `http://me:${key}@proxy.example.com`],
    ['unlock', key],
  ]) {
    const { code, stdout, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(key);
  }
});
