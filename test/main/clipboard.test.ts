import { beforeEach, expect, test } from 'vitest';
import { openClipboard } from '#main/clipboard.ts';
import { canary } from '../canary/canary.ts';
import { type Desktop, newDesktop } from '../electron/desktop.ts';

let desktop: Desktop;

beforeEach(() => {
  desktop = newDesktop();
});

/** A wait that ends when the test says so. */
function someWaits() {
  const waits: { ms: number; signal: AbortSignal; pass: () => void }[] = [];
  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      waits.push({ ms, signal, pass: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  return { waits, wait };
}

/** Until everything that could happen now has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a text stays on the clipboard', async () => {
  const { waits, wait } = someWaits();
  const copying = openClipboard({ wait });
  await copying.copy('https://127.0.0.1:4711/mcp', false);
  await copying[Symbol.asyncDispose]();
  expect([desktop.clipboard.text, waits.length]).toEqual(['https://127.0.0.1:4711/mcp', 0]);
});

test('a secret is taken off after a minute', async () => {
  const { waits, wait } = someWaits();
  await using copying = openClipboard({ wait });
  const secret = canary('local');
  await copying.copy(secret, true);
  expect([desktop.clipboard.text === secret, waits.map(({ ms }) => ms)]).toEqual([true, [60_000]]);
  waits[0]?.pass();
  await settled();
  expect(desktop.clipboard.text).toBe('');
});

test('what the person copied meanwhile is left alone', async () => {
  const { waits, wait } = someWaits();
  await using copying = openClipboard({ wait });
  await copying.copy(canary('local'), true);
  desktop.clipboard.text = 'a poem';
  waits[0]?.pass();
  await settled();
  expect(desktop.clipboard.text).toBe('a poem');
});

test('a secret that is copied once more stays a whole minute longer', async () => {
  const { waits, wait } = someWaits();
  await using copying = openClipboard({ wait });
  const secret = canary('local');
  await copying.copy(secret, true);
  await copying.copy(secret, true);
  await settled();
  expect(desktop.clipboard.text === secret).toBe(true);
  waits[1]?.pass();
  await settled();
  expect(desktop.clipboard.text).toBe('');
});

test('a second secret gets a whole minute of its own', async () => {
  const { waits, wait } = someWaits();
  await using copying = openClipboard({ wait });
  const [first, second] = [canary('local'), canary('local')];
  await copying.copy(first, true);
  await copying.copy(second, true);
  expect(waits[0]?.signal.aborted).toBe(true);
  waits[0]?.pass();
  await settled();
  expect(desktop.clipboard.text === second).toBe(true);
  waits[1]?.pass();
  await settled();
  expect(desktop.clipboard.text).toBe('');
});

test('a secret does not outlive the app', async () => {
  const copying = openClipboard(someWaits());
  await copying.copy(canary('local'), true);
  await copying[Symbol.asyncDispose]();
  expect(desktop.clipboard.text).toBe('');
});

test('a program that does not hand out what lies there holds up nobody', async () => {
  const copying = openClipboard({ ...someWaits(), endMs: 20 });
  await copying.copy(canary('local'), true);
  desktop.clipboard.readText = () => new Promise(() => undefined);
  await copying[Symbol.asyncDispose]();
  desktop.clipboard.clear();
});

test('with the clock of the computer a secret lies there until the app ends', async () => {
  const copying = openClipboard();
  const secret = canary('local');
  await copying.copy(secret, true);
  await settled();
  expect(desktop.clipboard.text === secret).toBe(true);
  await copying[Symbol.asyncDispose]();
  expect(desktop.clipboard.text).toBe('');
});
