import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Journal } from '#bridge/activity/journal.ts';
import { limits } from '#bridge/base/limits.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import type { ActivityEntry } from '#contract/activity.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { refusal } from '../connectors/refusal.ts';
import { anEntry } from './an-entry.ts';
import { fill, opened } from './opened.ts';

test('an entry comes back as it was written, with its id', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home, { keepBodies: () => true });
  const odd = anEntry({
    account: null,
    accountLabel: null,
    user: null,
    target: 'a\0b😀"\n',
    outcome: 'error',
    code: -31014,
    durationMs: 0.25,
    receivedBytes: 2 ** 40,
    truncated: true,
    arguments: '{"a":1}',
    result: '[]',
  });
  journal.append(anEntry());
  journal.append(odd);
  expect(journal.list()).toEqual([
    { id: 2, ...odd },
    { id: 1, ...anEntry() },
  ]);
});

test('entries are written by themselves a moment later, together, and announced then', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  const { promise, resolve } = Promise.withResolvers<ActivityEntry>();
  const seen: number[] = [];
  using _subscription = journal.written.on((entry) => {
    seen.push(entry.id);
    if (entry.id === 3) resolve(entry);
  });
  fill(journal, 3);
  expect(seen).toEqual([]);
  expect(await promise).toEqual({ id: 3, ...anEntry() });
  expect(seen).toEqual([1, 2, 3]);
});

test('a listener that fails disturbs neither the log nor the others', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  using _failing = journal.written.on(() => {
    throw new Error('listener');
  });
  fill(journal, 2);
  journal.flush();
  expect(journal.list()).toHaveLength(2);
});

test('what waits is written when the journal closes, and closing twice is harmless', async () => {
  await using home = await temporaryHome();
  const journal = opened(home);
  fill(journal, 5);
  await journal[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
  journal.append(anEntry());
  expect(refusal(() => journal.list(), 'stopping')).toContain('closed');
  await using again = opened(home);
  expect(again.list()).toHaveLength(5);
});

test('what was written survives a process that just ends', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 3);
  journal.flush();
  await using other = opened(home);
  expect(other.list()).toHaveLength(3);
});

test('only its owner can read the files', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 1);
  journal.flush();
  const modes = readdirSync(home.path).map((name) => [name, statSync(join(home.path, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({
    'activity.sqlite': 0o600,
    'activity.sqlite-shm': 0o600,
    'activity.sqlite-wal': 0o600,
  });
});

test('ten thousand entries are written in one go', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 10_000, (index) => ({ target: `tool-${index}` }));
  journal.flush();
  expect(journal.list({ limit: 1 })).toMatchObject([{ id: 10_000, target: 'tool-9999' }]);
});

describe('filters', () => {
  test.each<[Parameters<Journal['list']>[0], number[]]>([
    [{}, [6, 5, 4, 3, 2, 1]],
    [{ limit: 2 }, [6, 5]],
    [{ account: 'acc_bbbbbbbb' }, [6, 4, 2]],
    [{ client: 'Codex' }, [6, 3]],
    [{ target: 'tool-0' }, [1]],
    [{ outcome: 'blocked' }, [5]],
    [{ since: '2026-11-21T10:00:03Z' }, [6, 5, 4]],
    [{ until: '2026-11-21T10:00:01.000Z' }, [2, 1]],
    [{ since: '2026-11-21T10:00:01Z', until: '2026-11-21T10:00:02.5Z' }, [3, 2]],
    [{ afterId: 4 }, [6, 5]],
    [{ account: 'acc_bbbbbbbb', client: 'Codex' }, [6]],
    [{ target: "' OR 1=1 --" }, []],
  ])('%j', async (filter, ids) => {
    await using home = await temporaryHome();
    await using journal = opened(home);
    fill(journal, 6, (index) => ({
      at: new Date(Date.parse('2026-11-21T10:00:00Z') + index * 1000).toISOString(),
      account: index % 2 === 0 ? 'acc_aaaaaaaa' : 'acc_bbbbbbbb',
      client: index % 3 === 2 ? 'Codex' : 'Cursor',
      target: `tool-${index}`,
      outcome: index === 4 ? 'blocked' : 'ok',
    }));
    expect(journal.list(filter).map(({ id }) => id)).toEqual(ids);
  });

  test('that make no sense are refused', async () => {
    await using home = await temporaryHome();
    await using journal = opened(home);
    expect(refusal(() => journal.list({ limit: 0 }))).toContain('filter');
    expect(refusal(() => journal.list({ since: 'yesterday' }))).toContain('filter');
  });
});

test('an export goes through every entry, whatever is appended meanwhile', async () => {
  await using home = await temporaryHome();
  await using journal = opened(home);
  fill(journal, 1203, (index) => ({ outcome: index % 2 === 0 ? 'ok' : 'error' }));
  const ids: number[] = [];
  for await (const { id } of journal.entries({ outcome: 'ok' })) {
    ids.push(id);
    if (ids.length === 300) fill(journal, 5);
  }
  expect(ids).toEqual(Array.from({ length: 602 }, (_, index) => 1203 - 2 * index));
});

describe('retention', () => {
  const daysAgo = (days: number): string =>
    new Date(Date.parse('2026-11-21T12:00:00Z') - days * 24 * 60 * 60_000).toISOString();

  test('old entries go at the start and on request', async () => {
    await using home = await temporaryHome();
    let days = 3650;
    const parts = { days: () => days };
    {
      await using journal = opened(home, parts);
      for (const age of [0, 6.9, 7.1, 89, 91]) journal.append(anEntry({ at: daysAgo(age) }));
      expect(journal.prune()).toBe(0);
      days = 90;
    }
    await using journal = opened(home, parts);
    expect(journal.list()).toHaveLength(4);
    days = 7;
    expect(journal.prune()).toBe(2);
    expect(journal.list().map(({ at }) => at)).toEqual([daysAgo(6.9), daysAgo(0)]);
  });

  test('with 0 days nothing is kept', async () => {
    await using home = await temporaryHome();
    await using journal = opened(home, { days: () => 0 });
    fill(journal, 3);
    expect(journal.list()).toEqual([]);
  });

  test('clearing removes everything from the file too, and ids do not come back', async () => {
    await using home = await temporaryHome();
    await using journal = opened(home);
    fill(journal, 50, () => ({ target: 'a-name-nobody-should-find' }));
    expect(journal.clear()).toBe(50);
    for (const name of readdirSync(home.path)) {
      expect(readFileSync(join(home.path, name)).includes('a-name-nobody-should-find')).toBe(false);
    }
    fill(journal, 1);
    expect(journal.list().map(({ id }) => id)).toEqual([51]);
  });
});

describe('content', () => {
  test('arguments and results are kept only while the person wants it', async () => {
    await using home = await temporaryHome();
    let keep = false;
    await using journal = opened(home, { keepBodies: () => keep });
    const entry = anEntry({ arguments: '{"a":1}', result: '{"b":2}' });
    journal.append(entry);
    journal.flush();
    keep = true;
    journal.append(entry);
    journal.flush();
    keep = false;
    expect(journal.list().map((kept) => [kept.arguments, kept.result])).toEqual([
      ['{"a":1}', '{"b":2}'],
      [null, null],
    ]);
  });

  test('RD-01 secrets are taken out before anything is written', async () => {
    await using home = await temporaryHome();
    const redactor = new Redactor();
    await using journal = opened(home, { keepBodies: () => true, redact: (text) => redactor.clean(text) });
    const [known, shaped] = [canary('bearer'), canary('allv')];
    redactor.learn(known);
    const text = `${known} ${shaped}`;
    journal.append(anEntry({ target: text, arguments: text, result: text, client: text, method: text }));
    expect(journal.list()).toMatchObject([
      { target: '[removed] [removed]', arguments: '[removed] [removed]', result: '[removed] [removed]' },
    ]);
  });

  test('a body is cut after it was redacted', async () => {
    await using home = await temporaryHome();
    const redactor = new Redactor();
    await using journal = opened(home, { keepBodies: () => true, redact: (text) => redactor.clean(text) });
    const secret = canary('generic');
    redactor.learn(secret);
    const padding = 'x'.repeat(limits.activityBodyCharacters - 20);
    journal.append(anEntry({ result: `${padding}${secret}${'y'.repeat(100)}` }));
    const [entry] = journal.list();
    expect(entry?.result).toBe(`${padding}[removed]${'y'.repeat(11)} [cut]`);
  });

  test('RD-03 a secret learned later is not shown any more', async () => {
    await using home = await temporaryHome();
    let words: string[] = [];
    const redact = (text: string): string => words.reduce((clean, word) => clean.replaceAll(word, '-'), text);
    await using journal = opened(home, { redact });
    journal.append(anEntry({ target: 'resource://later' }));
    journal.flush();
    words = ['later'];
    expect(journal.list()[0]?.target).toBe('resource://-');
    for await (const { target } of journal.entries()) expect(target).toBe('resource://-');
  });
});
