import { describe, expect, test } from 'vitest';
import { leftOut } from './left-out.ts';
import { linesOf } from './print.ts';
import { sections } from './rows.ts';
import { idsOfRun, parseReport, whyPartial } from './run-report.ts';
import { leadingIds } from './titles.ts';
import { isGood, judge } from './verdict.ts';

test.each([
  ['JR-01 broken JSON', ['JR-01']],
  ['JR-10 JR-11 the answer to id 1.0', ['JR-10', 'JR-11']],
  ['UP-520 UP-521: the workspace is down', ['UP-520', 'UP-521']],
  ['UP-520, UP-521 – both', ['UP-520', 'UP-521']],
  ['UP-CK: no cookie is kept', ['UP-CK']],
  ['LH-24b nothing is guessed', ['LH-24b']],
  ['OA-13b', ['OA-13b']],
  ['after JR-01 everything goes on', []],
  ['the panel: LH-01', []],
  ['JSON-RPC errors', []],
  ['UTF-8 only', []],
  ['US-ASCII', []],
  ['JR-01x2 is no id', []],
  ['INV-1 is another list', []],
])('%j starts with %j', (title, ids) => expect(leadingIds(title)).toEqual(ids));

function reportOf(tests: readonly { groups?: string[]; title: string; status?: string }[]): string {
  return JSON.stringify({
    startTime: 1,
    testResults: [
      {
        name: '/here/test/a.test.ts',
        assertionResults: tests.map(({ groups = [], title, status = 'passed' }) => ({
          ancestorTitles: groups,
          title,
          status,
        })),
      },
    ],
  });
}

describe('a run', () => {
  test('covers what its passed tests and their groups start with', () => {
    const report = parseReport(
      reportOf([
        { title: 'JR-01 broken' },
        { groups: ['a door', 'JR-02 JR-03: lines'], title: 'one of them' },
        { title: 'JR-04 fails', status: 'failed' },
        { title: 'JR-05 elsewhere', status: 'skipped' },
      ]),
    );
    const { passed, skipped, carried } = idsOfRun(report);
    expect([...skipped]).toEqual(['JR-05']);
    expect([...passed]).toEqual(['JR-01', 'JR-02', 'JR-03']);
    expect([...carried]).toEqual(['JR-01', 'JR-02', 'JR-03', 'JR-04', 'JR-05']);
  });

  test('is partial when a file of today is not in it, and stale when one of it is gone', () => {
    const report = parseReport(reportOf([]));
    expect(whyPartial(report, ['test/a.test.ts'], '/here')).toBeUndefined();
    expect(whyPartial(report, ['test/a.test.ts', 'test/b.test.ts'], '/here')).toContain('test/b.test.ts');
    expect(whyPartial(report, [], '/here')).toContain('1 of it are gone (test/a.test.ts)');
  });

  test('is none when the file is something else', () => {
    expect(() => parseReport('{"testResults":1}')).toThrow();
  });
});

describe('the verdict', () => {
  const small = [
    { letter: 'A', title: 'one', rows: { 'JR-01': 'first', 'JR-02': 'second' } },
    { letter: 'B', title: 'two', rows: { 'ST-01': 'third' } },
  ];
  const all = ['JR-01', 'JR-02', 'ST-01'];

  const ran = (ids: readonly string[], skipped: readonly string[] = []) => ({
    passed: new Set(ids),
    skipped: new Set(skipped),
    carried: new Set([...ids, ...skipped]),
  });

  test('is good when every row is covered or left out', () => {
    expect(isGood(judge(small, {}, ran(all)), true)).toBe(true);
    const verdict = judge(small, { 'ST-01': 'needs Windows' }, ran(['JR-01', 'JR-02']));
    expect(isGood(verdict, true)).toBe(true);
    expect(linesOf(verdict)).toEqual([
      'Catalogue of bad input and faults',
      '',
      '                                 covered  left out   skipped   missing',
      'A  one                                 2         0         0         0',
      'B  two                                 0         1         0         0',
      'all                                    2         1         0         0',
      '',
      'Left out:',
      '  ST-01  needs Windows',
    ]);
  });

  test('names a row without a passed test', () => {
    const verdict = judge(small, {}, { ...ran(['JR-01', 'ST-01']), carried: new Set(all) });
    expect(isGood(verdict, false)).toBe(false);
    expect(verdict.missing).toEqual(['JR-02']);
    expect(linesOf(verdict).join('\n')).toContain('starts with:\n  JR-02  second');
  });

  test('lets a row be skipped only where not every test can run', () => {
    const verdict = judge(small, {}, ran(['JR-01', 'ST-01'], ['JR-02']));
    expect(verdict.skipped).toEqual(['JR-02']);
    expect(isGood(verdict, false)).toBe(true);
    expect(isGood(verdict, true)).toBe(false);
  });

  test('names ids that no row has, of titles and of what is left out', () => {
    const verdict = judge(small, { 'ZZ-01': 'typing error' }, ran([...all, 'JR-77']));
    expect(isGood(verdict, false)).toBe(false);
    expect(verdict.unknown).toEqual(['JR-77', 'ZZ-01']);
  });

  test('names a row that is left out and covered all the same, which another system may do', () => {
    const verdict = judge(small, { 'JR-01': 'no' }, ran(all));
    expect(verdict.doubled).toEqual(['JR-01']);
    expect(isGood(verdict, true)).toBe(false);
    expect(isGood(verdict, false)).toBe(true);
    expect(isGood(judge(small, { 'JR-01': 'no' }, ran(['JR-02', 'ST-01'], ['JR-01'])), true)).toBe(true);
  });
});

describe('the rows', () => {
  const ids = sections.flatMap(({ rows }) => Object.keys(rows));

  test('have ids that titles can start with, each once', () => {
    expect(ids.map((id) => leadingIds(`${id} a fact`))).toEqual(ids.map((id) => [id]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('are covered by titles that name them all, and one that is taken away is missed', () => {
    const stays = ids.filter((id) => leftOut[id] === undefined);
    const run = (kept: readonly string[]) =>
      judge(sections, leftOut, idsOfRun(parseReport(reportOf(kept.map((id) => ({ title: `${id}: so` }))))));
    expect(isGood(run(stays), true)).toBe(true);
    for (const id of stays) expect(run(stays.filter((other) => other !== id)).missing).toEqual([id]);
  });

  test('that are left out say why in a sentence', () => {
    for (const reason of Object.values(leftOut)) expect(reason).toMatch(/^.{20,300}\.$/);
  });
});
