import { expect, test, vi } from 'vitest';
import { type LoginOptions, login } from '#bridge/cli/commands/login.ts';
import type { Clock } from '#bridge/cli/sign-in-stage.ts';
import { AccountId } from '#contract/account.ts';
import { trouble } from '#contract/errors.ts';
import type { SignInQuestion, SignInState } from '#contract/sign-in.ts';
import { startBrowser } from './a-browser.ts';
import { anAccount, READY, type SignInDesk, signInDesk } from './a-control.ts';
import { partsOf, type TestTerminal, testTerminal } from './a-terminal.ts';

const LINK = 'https://as.example/authorize?state=1';
const START = Date.parse('2026-11-21T09:00:00.000Z');
const waiting: SignInState = {
  step: 'waiting',
  host: 'as.example',
  link: LINK,
  expiresAt: new Date(START + 598_000).toISOString(),
};
const acme = anAccount();
const done: SignInState = { step: 'done', account: acme.id, who: 'ana@example.com', notes: ['A note.'] };
const question: SignInQuestion = {
  kind: 'same-identity',
  text: 'You have it already.',
  choices: [
    { choice: 'update', label: 'Update Acme' },
    { choice: 'keep-both', label: 'Keep both' },
    { choice: 'cancel', label: 'Cancel' },
  ],
};
const asking: SignInState = { step: 'asking', question };
const printing: LoginOptions = { account: 'acme', browser: { kind: 'none' }, answers: [] };

/** A clock that stands still until the test moves it. */
function stillClock(): Clock & { advance(ms: number): void } {
  let now = START;
  const tasks = new Set<() => void>();
  return {
    now: () => now,
    every: (_, task) => {
      tasks.add(task);
      return { [Symbol.dispose]: () => void tasks.delete(task) };
    },
    advance: (ms) => {
      now += ms;
      for (const task of tasks) task();
    },
  };
}

interface Setup {
  desk?: SignInDesk;
  screen?: TestTerminal;
  options?: Partial<LoginOptions>;
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** Starts `login` and hands back what a test needs to go on with it. */
function begin({
  desk = signInDesk([acme]),
  screen = testTerminal(),
  options = {},
  environment = {},
  signal = new AbortController().signal,
}: Setup = {}) {
  const clock = stillClock();
  const parts = partsOf(screen, desk.control, { environment, signal });
  return { desk, screen, clock, result: login({ ...printing, ...options }, parts, clock) };
}

test('a sign-in is told step by step on stderr, with the link on a line of its own', async () => {
  const { desk, screen, result } = begin();
  await screen.shows('looking');
  desk.say({ step: 'registering', host: 'as.example' });
  await screen.shows('registering');
  desk.say(waiting);
  await screen.shows('waiting');
  desk.say({ step: 'exchanging', host: 'as.example' });
  desk.say({ step: 'identity', host: 'mcp.example.com' });
  desk.say(done);
  const { value, lines } = await result;
  expect(screen.stderr().trimEnd().split('\n')).toEqual([
    '  … looking for the sign-in of mcp.example.com',
    '  … registering at as.example',
    '  Sign in at as.example. Open it in a browser on this computer:',
    LINK,
    '  … waiting for you to sign in (9:58 left)',
    '  … finishing the sign-in at as.example',
    '  … asking mcp.example.com who you are',
  ]);
  expect(lines).toEqual(['Signed in to Acme as ana@example.com.', 'A note.']);
  expect(value).toEqual({ account: acme, who: 'ana@example.com', notes: ['A note.'] });
  expect(screen.stdout()).toBe('');
  expect(desk.inputsOf('signIn.start')).toEqual([{ account: acme.id }]);
  expect(desk.inputsOf('signIn.cancel')).toEqual([]);
});

test('a terminal shows how much time is left, on one line', async () => {
  const { desk, screen, clock, result } = begin({ screen: testTerminal(true) });
  desk.say(waiting);
  await screen.shows('(9:58 left)');
  clock.advance(59_000);
  await screen.shows('\r\u001b[K  … waiting for you to sign in (8:59 left)');
  clock.advance(600_000);
  await screen.shows('(0:00 left)');
  desk.say(done);
  await result;
  expect(screen.stderr().split('\n')).toHaveLength(3);
});

test('the same state twice is shown once', async () => {
  const { desk, screen, result } = begin();
  desk.say(waiting);
  desk.say({ ...waiting });
  desk.say(done);
  await result;
  expect(screen.stderr().split(LINK)).toHaveLength(2);
});

test('the scope a call was refused for is asked for as well', async () => {
  const account = anAccount({ condition: { ...READY, action: 'sign-in', wider: 'write' } });
  const { desk, result } = begin({ desk: signInDesk([account]) });
  desk.say(done);
  await result;
  expect(desk.inputsOf('signIn.start')).toEqual([{ account: account.id, wider: 'write' }]);
});

test('an account that got the sign-in in place of another is named', async () => {
  const other = anAccount({ id: AccountId.parse('acc_11111111'), label: 'Other' });
  const { desk, result } = begin({ desk: signInDesk([acme, other]) });
  desk.say({ ...done, account: other.id });
  expect((await result).lines[0]).toBe('Signed in to Other as ana@example.com.');
});

test('the page opens in the browser, and Enter opens it again', async () => {
  await using browser = await startBrowser();
  const { desk, screen, result } = begin({
    screen: testTerminal(true),
    options: { browser: { kind: 'program', program: browser.file } },
    environment: browser.environment,
  });
  desk.say(waiting);
  await browser.opened();
  expect(screen.stderr()).toContain(`Not opened? Open it yourself:\n${LINK}\n  Enter opens it again`);
  screen.stdin.write('\r');
  await browser.opened();
  desk.say(done);
  await result;
  expect(screen.stderr()).not.toContain('!');
});

test('without a terminal the page opens and no key is listened to', async () => {
  await using browser = await startBrowser();
  const { desk, screen, result } = begin({
    options: { browser: { kind: 'program', program: browser.file } },
    environment: browser.environment,
  });
  desk.say(waiting);
  await browser.opened();
  desk.say(done);
  await result;
  expect(screen.stderr()).not.toContain('Enter');
  expect(screen.stdin.listenerCount('data')).toBe(0);
});

test('LP-11 when no browser starts, it is said, the link is shown again and the sign-in goes on', async () => {
  const { desk, screen, result } = begin({
    options: { browser: { kind: 'program', program: '/nonexistent/browser' } },
  });
  desk.say(waiting);
  await screen.shows(`! /nonexistent/browser could not be started. Open the page yourself:\n${LINK}\n`);
  desk.say(done);
  expect((await result).value.who).toBe('ana@example.com');
});

test('OA-21 a page that must not be opened is not even shown, and the sign-in is cancelled', async () => {
  const { desk, screen, result } = begin();
  desk.say({ ...waiting, link: 'https://as.example/\u001b]0;x\u0007 --flag' });
  await expect(result).rejects.toMatchObject({ code: 'refused' });
  expect(screen.stderr()).not.toContain('--flag');
  expect(desk.inputsOf('signIn.cancel')).toEqual([{ id: 'sgn_00000000' }]);
});

test('Ctrl-C at the terminal cancels the sign-in', async () => {
  await using browser = await startBrowser();
  const { desk, screen, result } = begin({
    screen: testTerminal(true),
    options: { browser: { kind: 'program', program: browser.file } },
    environment: browser.environment,
  });
  desk.say(waiting);
  await browser.opened();
  screen.stdin.write('\u0003');
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  expect(desk.inputsOf('signIn.cancel')).toEqual([{ id: 'sgn_00000000' }]);
});

test('a signal cancels the sign-in', async () => {
  const leaving = new AbortController();
  const { desk, screen, result } = begin({ signal: leaving.signal });
  desk.say(waiting);
  await screen.shows(LINK);
  leaving.abort(new DOMException('Interrupted.', 'AbortError'));
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  expect(desk.inputsOf('signIn.cancel')).toHaveLength(1);
});

test('a question is asked with numbers until one of them is chosen', async () => {
  const { desk, screen, result } = begin({ screen: testTerminal(true) });
  desk.say(asking);
  await screen.shows('You have it already.\n  1  Update Acme\n  2  Keep both\n  3  Cancel\n');
  for (const [asked, typed] of ['', '4', 'two', '1.5', '2'].entries()) {
    await vi.waitFor(() =>
      expect(screen.stderr().match(/Which one\? \[1-3\]/g) ?? []).toHaveLength(asked + 1),
    );
    screen.stdin.write(`${typed}\r`);
  }
  await vi.waitFor(() =>
    expect(desk.inputsOf('signIn.answer')).toEqual([{ id: 'sgn_00000000', choice: 'keep-both' }]),
  );
  desk.say(done);
  await result;
});

test('a question that somebody else answers is taken back', async () => {
  const { desk, screen, result } = begin({ screen: testTerminal(true) });
  desk.say(asking);
  await screen.shows('[1-3]');
  desk.say({ step: 'identity', host: 'mcp.example.com' });
  await screen.shows('who you are');
  desk.say(done);
  await result;
  expect(desk.inputsOf('signIn.answer')).toEqual([]);
});

test('Ctrl-C at a question cancels the sign-in', async () => {
  const { desk, screen, result } = begin({ screen: testTerminal(true) });
  desk.say(asking);
  await screen.shows('[1-3]');
  screen.stdin.write('\u0003');
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  expect(desk.inputsOf('signIn.cancel')).toHaveLength(1);
});

test('a question without a terminal ends the sign-in with what to decide', async () => {
  const { desk, result } = begin();
  desk.say(asking);
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: 'sign-in-needed',
    message: 'You have it already. Decide in a terminal, or with --answer update or keep-both.',
  });
  expect(trouble['sign-in-needed'].exit).toBe(3);
  expect(desk.inputsOf('signIn.cancel')).toHaveLength(1);
});

test('a given answer is used for the question that offers it', async () => {
  const { desk, result } = begin({ options: { answers: ['continue', 'update'] } });
  desk.say(asking);
  await vi.waitFor(() =>
    expect(desk.inputsOf('signIn.answer')).toEqual([{ id: 'sgn_00000000', choice: 'update' }]),
  );
  desk.say(done);
  await result;
});

test.each([
  ['that the question does not offer', ['again'], 0],
  ['that was used for this kind of question already', ['keep-both'], 1],
] as const)('a given answer %s is not used', async (_, answers, used) => {
  const { desk, result } = begin({ options: { answers } });
  if (used > 0) {
    desk.say(asking);
    await vi.waitFor(() => expect(desk.inputsOf('signIn.answer')).toHaveLength(used));
    desk.say({ step: 'identity', host: 'mcp.example.com' });
  }
  desk.say(asking);
  await expect(result).rejects.toMatchObject({ code: 'sign-in-needed' });
  expect(desk.inputsOf('signIn.answer')).toHaveLength(used);
});

test.each([
  ['unreachable', 'unreachable'],
  ['refused', 'refused'],
  ['something-new', 'internal'],
  ['toString', 'internal'],
])('a sign-in that fails with %s ends the command with %s and what to do', async (code, expected) => {
  const { desk, result } = begin();
  desk.say({ step: 'failed', code, message: `${'x'.repeat(400)}\u001b[2J`, next: 'Try again.' });
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: expected, message: expect.stringMatching(/^x+ Try again\.$/) });
  expect(error).toMatchObject({ message: expect.not.stringMatching(/.{301}/) });
  expect(desk.inputsOf('signIn.cancel')).toEqual([]);
});

test.each(['cancelled', 'replaced by a newer one'])(
  'a sign-in that was %s elsewhere says so',
  async (how) => {
    const { desk, result } = begin();
    if (how === 'cancelled') desk.say({ step: 'cancelled' });
    else desk.drop();
    await expect(result).rejects.toMatchObject({
      code: 'sign-in-needed',
      message: expect.stringContaining('cancelled'),
    });
  },
);

test('an owner that stops ends the command, and is not asked again', async () => {
  const { desk, screen, result } = begin();
  desk.say(waiting);
  await screen.shows(LINK);
  desk.stop();
  await expect(result).rejects.toMatchObject({ code: 'stopping' });
  expect(desk.inputsOf('signIn.cancel')).toEqual([]);
});

test('an account nobody knows is left to the bridge', async () => {
  const { result } = begin({ desk: signInDesk([]) });
  await expect(result).rejects.toMatchObject({ code: 'account-unknown' });
});

test('a sign-in that only memory keeps is gone with the command, and it says so', async () => {
  const desk = signInDesk([acme], { status: () => ({ vault: { kind: 'memory', state: 'ready' } }) });
  const screen = testTerminal();
  const parts = partsOf(screen, desk.control, { isHosted: () => true });
  desk.say(done);
  await login(printing, parts, stillClock());
  expect(screen.stderr()).toContain('The sign-in was kept in memory only');
});
