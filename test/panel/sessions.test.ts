import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Sessions, Tickets } from '#bridge/panel/sessions.ts';
import { adoptSecret } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';

/** A clock the test moves. */
function aClock() {
  let nowMs = Date.parse('2026-11-21T09:00:00Z');
  return {
    now: () => nowMs,
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

test('a ticket is good once', () => {
  const tickets = new Tickets();
  const [one, two] = [tickets.issue(), tickets.issue()];
  expect(Buffer.from(one, 'base64url').length * 8).toBe(256);
  expect(one).not.toBe(two);
  expect([tickets.take(one), tickets.take(one), tickets.take(two)]).toEqual(['good', 'wrong', 'good']);
});

test('a ticket is good for five minutes', () => {
  const clock = aClock();
  const tickets = new Tickets(clock.now);
  const [early, late] = [tickets.issue(), tickets.issue()];
  clock.pass(5 * 60_000 - 1);
  expect(tickets.take(early)).toBe('good');
  clock.pass(1);
  expect(tickets.take(late)).toBe('wrong');
});

test('of many tickets that wait only the newest are good', () => {
  const tickets = new Tickets();
  const issued = Array.from({ length: limits.panelTickets + 1 }, () => tickets.issue());
  expect(issued.map((ticket) => tickets.take(ticket)).filter((taken) => taken === 'good')).toHaveLength(
    limits.panelTickets,
  );
});

test('LH-29 wrong tickets are too many for the rest of their minute, and good ones never', () => {
  const clock = aClock();
  const tickets = new Tickets(clock.now);
  const ticket = tickets.issue();
  const most = limits.panelWrongTicketsPerMinute;
  const taken = Array.from({ length: most + 1 }, () => tickets.take('guess'));
  expect(taken.indexOf('too-many')).toBe(most);
  expect(tickets.take(ticket)).toBe('good');
  clock.pass(60_000);
  expect(tickets.take('guess')).toBe('wrong');
});

test('a session is known by its cookie, and only the hash of it is kept', () => {
  const sessions = new Sessions();
  const cookie = sessions.begin();
  expect(Buffer.from(cookie, 'base64url').length * 8).toBe(256);
  expect(sessions.find([cookie])).toBeDefined();
  expect(sessions.find(['A'.repeat(43), cookie])).toBe(sessions.find([cookie]));
  expect(sessions.find([])).toBeUndefined();
  expect(sessions.find(['A'.repeat(43)])).toBeUndefined();
});

test('nothing of a ticket or a session can be printed', () => {
  const [tickets, sessions] = [new Tickets(), new Sessions()];
  for (const secret of [tickets.issue(), sessions.begin()]) adoptSecret('generic', secret);
  collect(
    'what a debugger shows',
    `${JSON.stringify([tickets, sessions])} ${String(tickets)} ${String(sessions)}`,
  );
});

test('a session ends after twelve hours without use, also while nobody asks', () => {
  const clock = aClock();
  const sessions = new Sessions(clock.now);
  const [used, left] = [sessions.begin(), sessions.begin()];
  const signal = sessions.find([left])?.signal;
  clock.pass(11 * 3_600_000);
  expect(sessions.find([used])).toBeDefined();
  clock.pass(3_600_000 - 1);
  sessions.tend();
  expect(signal?.aborted).toBe(false);
  clock.pass(1);
  sessions.tend();
  expect(signal?.aborted).toBe(true);
  expect(sessions.find([left])).toBeUndefined();
  expect(sessions.find([used])).toBeDefined();
  clock.pass(12 * 3_600_000);
  expect(sessions.find([used])).toBeUndefined();
});

test('of too many browsers the one that was used longest ago has to be let in again', () => {
  const clock = aClock();
  const sessions = new Sessions(clock.now);
  const cookies = Array.from({ length: limits.panelSessions }, () => {
    clock.pass(1000);
    return sessions.begin();
  });
  const [first = '', second = ''] = cookies;
  const signal = sessions.find([second])?.signal;
  for (const cookie of cookies.slice(2)) sessions.find([cookie]);
  expect(sessions.find([first])).toBeDefined();
  sessions.begin();
  expect(signal?.aborted).toBe(true);
  expect(sessions.find([second])).toBeUndefined();
  expect(sessions.find([first])).toBeDefined();
});

test('every session ends with the panel', () => {
  const sessions = new Sessions();
  const cookie = sessions.begin();
  const signal = sessions.find([cookie])?.signal;
  sessions[Symbol.dispose]();
  expect(signal?.aborted).toBe(true);
  expect(sessions.find([cookie])).toBeUndefined();
});
