import type { Program, Step } from './program.ts';

const happen: Step = { do: 'happen', pick: 0, fault: 'none', rest: 'all' };

function call(client: number, how: string): Step {
  return { do: 'call', client, method: 'tools/call', how, id: 0, wantsProgress: false, rest: 'all' };
}

/** What once went wrong, as small as it was found. */
export const found: readonly { readonly what: string; readonly program: Program }[] = [
  {
    what: 'an account is added while a switch is being tried',
    program: {
      clients: [{ door: 'stdio', era: 'modern', address: 0 }],
      steps: [
        call(0, ''),
        { do: 'add', place: 0, user: 0, rest: 'all' },
        { do: 'act', account: 0, user: 1, rest: 'all' },
        happen,
        { do: 'use', account: 0, rest: 'all' },
        happen,
        happen,
        happen,
      ],
    },
  },
  {
    what: 'a question comes on a stream whose session the workspace forgot',
    program: {
      clients: [{ door: 'stdio', era: 'legacy', address: 0 }],
      steps: [
        call(0, ''),
        call(0, 'ask-roots'),
        happen,
        happen,
        happen,
        call(0, 'ask'),
        happen,
        happen,
        happen,
        { do: 'happen', pick: 0, fault: 'lost-session', rest: 'all' },
        happen,
        happen,
        call(0, ''),
        happen,
        happen,
      ],
    },
  },
  {
    what: 'a question of an owner that ended is answered to the next',
    program: {
      clients: [{ door: 'stdio', era: 'legacy', address: 0 }],
      steps: [
        { do: 'open', client: { door: 'stdio', era: 'legacy', address: 0 }, rest: 'all' },
        { do: 'open', client: { door: 'http', era: 'legacy', address: 0 }, rest: 'all' },
        { do: 'rotate', account: 0, check: true, rest: 'all' },
        call(2, 'ask-standing'),
        { do: 'restart', isKilled: false, rest: 'all' },
        call(2, ''),
        happen,
        { do: 'remove', account: 1, rest: 'all' },
        call(2, 'ask-roots'),
        happen,
        { do: 'use', account: 0, rest: 'all' },
      ],
    },
  },
];
