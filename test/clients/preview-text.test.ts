import { expect, test } from 'vitest';
import { spliced } from '#bridge/clients/formats/format.ts';
import { connectSaid, difference, lineOf, removalSaid, shownName } from '#bridge/clients/preview-text.ts';

test.each([
  ['a line in between', 'a\nc\n', 'a\nb\nc\n', { start: 2, removed: '', added: 'b\n' }, 2],
  ['within a line', 'a\nxbz\nc', 'a\nxyz\nc', { start: 2, removed: 'xbz\n', added: 'xyz\n' }, 2],
  ['in one line', '{"a":1}', '{"a":1,"b":2}', { start: 0, removed: '{"a":1}', added: '{"a":1,"b":2}' }, 1],
  ['nothing', 'a\nb', 'a\nb', { start: 3, removed: '', added: '' }, 2],
  ['everything', '', 'a\n', { start: 0, removed: '', added: 'a\n' }, 1],
])('the difference of two texts is shown in whole lines: %s', (_what, before, after, expected, line) => {
  const splice = difference(before, after);
  expect(spliced(before, splice)).toBe(after);
  expect(splice).toEqual(expected);
  expect(lineOf(before, splice)).toBe(line);
});

test('the line of a change is that of its first letter, with every kind of line end', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `{${end}  "a": 1${end}}`;
    const start = text.indexOf('1') + 1;
    expect(lineOf(text, { start, removed: '', added: `,${end}  "b": 2` })).toBe(3);
    expect(lineOf(text, { start: text.indexOf('"'), removed: '"a": 1', added: '' })).toBe(2);
  }
});

test('what connecting changes is said, one fact a line', () => {
  const usual = {
    client: 'Cursor',
    entry: 'gangway-2',
    takenName: 'gangway',
    way: { door: 'stdio', command: '/opt/shim', args: [] },
    instead: 'http',
    exists: true,
    isOpen: true,
    replaces: 'nothing',
    others: 2,
    kept: [],
  } as const;
  expect(connectSaid(usual)).toEqual([
    'Adds the entry gangway-2: Cursor starts /opt/shim.',
    'The HTTP door is closed, so the entry starts a command.',
    'The name gangway belongs to another entry, which stays as it is.',
    'The 2 other servers stay as they are.',
    'A copy of the file is kept.',
  ]);
  const way = { door: 'http', url: 'http://127.0.0.1:1/mcp' } as const;
  const other = {
    ...usual,
    way,
    instead: 'stdio',
    takenName: undefined,
    exists: false,
    isOpen: false,
    others: 1,
  } as const;
  expect(connectSaid({ ...other, replaces: 'former', kept: ['trust', 'timeout'] })).toEqual([
    'Writes the entry gangway-2: Cursor asks http://127.0.0.1:1/mcp.',
    'This copy of Gangway has no command to start, so the entry has an address.',
    'It takes the place of an entry of an earlier Gangway.',
    'What was set in it besides stays: trust, timeout.',
    'A key of its own stands in the entry; it is good on this computer only.',
    'The file is made, because there is none yet.',
    'The other server stays as it is.',
  ]);
  expect(connectSaid({ ...other, exists: true, isOpen: true })).toContain(
    'Other users of this computer may read the file now; it is closed to them as long as the key is in it.',
  );
});

test('what disconnecting changes is said, one fact a line', () => {
  const usual = { client: 'Cursor', entry: 'gangway', how: 'entry', hasKey: true, others: 0 } as const;
  expect(removalSaid({ ...usual, why: 'off' })).toEqual([
    'The entry gangway is switched off in Cursor; it is removed.',
    'The key in it is not valid any more then.',
    'A copy of the file is kept.',
  ]);
  expect(removalSaid({ ...usual, why: 'as-written', how: 'original', hasKey: false })).toEqual([
    'Puts the file back as it was before Gangway, byte for byte.',
    'A copy of the file is kept.',
  ]);
});

test('a name from a foreign file is one short line', () => {
  expect(shownName(' a\nb\u202e ')).toBe('a b');
  expect([shownName(''), shownName('x'.repeat(200)).length]).toEqual(['(no name)', 80]);
});
