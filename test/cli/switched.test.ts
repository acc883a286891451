import { expect, test } from 'vitest';
import { switchedLines } from '#bridge/cli/switched.ts';
import { acme } from '../main/a-tray.ts';

test.each([
  [[], [], [], ['No app is connected now; the next one starts there.']],
  [['Cursor 1.0 (current)'], [], [], ['Follows from the next call: Cursor 1.0 (current)']],
  [
    ['Cursor 1.0 (current)', 'Claude 2 (current)'],
    ['Cursor 1.0 (current)'],
    ['Zed 1 (acme)'],
    [
      'Follows from the next call: Cursor 1.0 (current), Claude 2 (current)',
      'Cursor 1.0 (current) shows the new tools when it asks next; if it still shows the old ones, restart it.',
      'Stays where it is: Zed 1 (acme)',
    ],
  ],
  [
    ['A (current)', 'B (pelcro)'],
    ['A (current)', 'B (pelcro)'],
    [],
    [
      'Follows from the next call: A (current), B (pelcro)',
      'A (current), B (pelcro) show the new tools when they ask next; if one still shows the old ones, restart it.',
    ],
  ],
])(
  'of %j, where %j cannot be told and %j are pinned, it says %j',
  (following, mayNeedReload, notAffected, lines) => {
    expect(switchedLines({ account: acme, following, mayNeedReload, notAffected })).toEqual(lines);
  },
);
