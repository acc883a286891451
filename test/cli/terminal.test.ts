import { expect, test } from 'vitest';
import { readSecrets } from '#bridge/cli/secrets.ts';
import { canary } from '../canary/canary.ts';
import { testTerminal } from './a-terminal.ts';

const { signal } = new AbortController();

test('a key typed at the prompt is taken and not shown', async () => {
  const key = canary('allv');
  const screen = testTerminal(true);
  const asking = screen.terminal.askSecret('Key: ', signal);
  await screen.shows('Key: ');
  screen.stdin.write(`${key}x\u007f\r`);
  expect(await asking).toBe(key);
  expect(screen.stderr()).toBe('Key: \n');
});

test('Ctrl-C at the prompt gives up', async () => {
  const screen = testTerminal(true);
  const asking = screen.terminal.askSecret('Key: ', signal);
  await screen.shows('Key: ');
  screen.stdin.write('abc\u0003');
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
});

test('the end of input at the prompt gives up', async () => {
  const screen = testTerminal(true);
  const asking = screen.terminal.askSecret('Key: ', signal);
  screen.stdin.end();
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
});

test('an abort while asking ends the question', async () => {
  const screen = testTerminal(true);
  const leaving = new AbortController();
  const asking = screen.terminal.askSecret('Key: ', leaving.signal);
  leaving.abort();
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
});

test.each([
  ['y', true],
  ['Yes', true],
  ['n', false],
  ['', false],
  ['yellow', false],
])('the answer %j to a question means %s', async (answer, expected) => {
  const screen = testTerminal(true);
  const asking = screen.terminal.askYesNo('Remove it?', signal);
  await screen.shows('Remove it? [y/N]');
  screen.stdin.write(`${answer}\r`);
  expect(await asking).toBe(expected);
});

test('nobody is asked where no terminal is', async () => {
  await expect(testTerminal(false).terminal.askSecret('Key: ', signal)).rejects.toMatchObject({
    code: 'invalid-input',
  });
});

test('secrets come on stdin one line each: the key first, then the headers as named', async () => {
  const [key, first, second] = [canary('generic'), canary('generic'), canary('generic')];
  const screen = testTerminal();
  screen.stdin.end(`${key}\r\n${first}\n${second}\n`);
  const wanted = { what: 'custom', ask: false, keyStdin: true, headersStdin: ['x-one', 'x-two'] };
  expect(await readSecrets(wanted, screen.terminal, signal)).toEqual({
    key,
    headers: { 'x-one': first, 'x-two': second },
  });
});

test('a client secret on stdin comes after the key and before the headers', async () => {
  const [key, clientSecret, header] = [canary('generic'), canary('generic'), canary('generic')];
  const read = async (text: string, keyStdin: boolean) => {
    const screen = testTerminal();
    screen.stdin.end(text);
    const wanted = { what: 'custom', ask: false, keyStdin, clientSecretStdin: true, headersStdin: ['x-one'] };
    return readSecrets(wanted, screen.terminal, signal);
  };
  const headers = { 'x-one': header };
  expect(await read(`${key}\n${clientSecret}\n${header}\n`, true)).toEqual({ key, clientSecret, headers });
  expect(await read(`${clientSecret}\n${header}\n`, false)).toEqual({ clientSecret, headers });
});

test.each([
  ['', 'one line'],
  ['a\nb\n', 'one line'],
])('stdin %j is not one key', async (text, said) => {
  const screen = testTerminal();
  screen.stdin.end(text);
  const wanted = { what: 'custom', ask: false, keyStdin: true, headersStdin: [] };
  await expect(readSecrets(wanted, screen.terminal, signal)).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining(said),
  });
});

test('stdin that is far too long for a key is not read to its end', async () => {
  const screen = testTerminal();
  screen.stdin.write('x'.repeat(64 * 1024));
  const wanted = { what: 'custom', ask: false, keyStdin: true, headersStdin: [] };
  await expect(readSecrets(wanted, screen.terminal, signal)).rejects.toMatchObject({ code: 'too-large' });
});

test('without a terminal and without a pipe a needed key is asked for in words', async () => {
  const wanted = { what: 'pelcro', ask: true, keyStdin: false, headersStdin: [] };
  await expect(readSecrets(wanted, testTerminal().terminal, signal)).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('--key-stdin'),
  });
});
