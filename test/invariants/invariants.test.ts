import { beforeAll, describe, expect, test } from 'vitest';
import { runSample, type Told } from './on-purpose.ts';

let told: readonly Told[];
let leftOpen: string;

beforeAll(async () => {
  const [broken, left] = await Promise.all([
    runSample('broken-promises.sample.ts'),
    runSample('left-open.sample.ts'),
  ]);
  told = broken.tests;
  leftOpen = left.file;
}, 60_000);

/** What the setup said about a test of the sample, without the names of processes and folders. */
function saidOf(title: string): string[] {
  const { failures } = told.find((one) => one.title === title) ?? { failures: ['It did not run.'] };
  const lines = failures.flatMap((message) =>
    message.split('\n').filter((line) => /^- INV-\d+: /.test(line)),
  );
  return lines.length > 0 ? lines.map((line) => line.replace(/\d{4,}|(?<=shim )\d+/g, 'N')) : [...failures];
}

describe('a case that breaks an invariant fails by its name', () => {
  test.each([
    ['INV-1 two answers', ['- INV-1: the client of shim N heard more than one answer to 1.']],
    ['INV-1 no answer', ['- INV-1: a client never heard an answer to 1.']],
    ['INV-2 a line that is no message', ['- INV-2: stdout of a shim: "Listening on port N"']],
    ['INV-2 half a line', ['- INV-2: stdout ends within a line: "{\\"jsonrpc\\":\\"2.0\\""']],
    [
      'INV-3 a key at another origin',
      [
        expect.stringMatching(
          /^- INV-3: secret #\d+ \(bearer\) belongs to port N in authorization, but came to port N/,
        ),
      ],
    ],
    [
      'INV-3 a key in an address',
      [expect.stringMatching(/^- INV-3: secret #\d+ \(aly\) came to port N in the address$/)],
    ],
    ['INV-5 half a file', ['- INV-5: damaged: config/accounts.json']],
    [
      'INV-5 a file that was not finished',
      [expect.stringMatching(/^- INV-5: half-written: \.accounts\.json\./)],
    ],
    ['INV-5 a store that cannot be read back', ['- INV-5: a store was damaged and set aside']],
    ['INV-6 a page that nobody asked for', ['- INV-6: a program opened a page that nobody asked for']],
    ['INV-6 a browser that nobody asked for', ['- INV-6: xdg-open opened a page that nobody asked for']],
    [
      'INV-8 an answer to somebody else',
      ['- INV-8: the client of shim N heard the answer to 1, which it never asked.'],
    ],
    ['INV-9 a path', [expect.stringContaining('- INV-9: a path in a text for people')]],
    ['INV-9 a stack', [expect.stringContaining('- INV-9: a stack in a text for people')]],
    ['INV-9 an error of the system', [expect.stringContaining('- INV-9: an error of the system in a text')]],
    ['INV-9 300 characters', [expect.stringContaining('- INV-9: a text of 330 characters')]],
    [
      'INV-9 no sentence',
      [
        expect.stringContaining('- INV-9: a text that is no sentence'),
        expect.stringContaining('- INV-9: a value of'),
      ],
    ],
    ['INV-10 a bystander that is not served', ['- INV-10: a bystander heard: The connection dropped.']],
    ['nothing is broken', []],
  ])('%s', (title, said) => {
    expect(saidOf(title)).toEqual(said);
  });

  test('INV-7 what a file leaves open is named when the file ends', () => {
    for (const what of ['Timeout', 'TCPServerWrap', '/dev/zero'])
      expect(leftOpen).toContain(`INV-7: left open: 1 × ${what}`);
    expect(leftOpen).toMatch(/INV-7: left open: 1 × child \d+/);
  });
});
