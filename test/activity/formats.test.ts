import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvHeader, csvLine, jsonLine } from '#bridge/activity/formats.ts';
import { anEntry } from './an-entry.ts';

/** A plain reader of RFC 4180, independent of the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') {
        field += '"';
        index += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      row.push(field);
      field = '';
    } else if (character === '\r' && text[index + 1] === '\n') {
      rows.push([...row, field]);
      [row, field] = [[], ''];
      index += 1;
    } else field += character;
  }
  return rows;
}

test('pins: columns, order and form of an export', () => {
  expect(csvHeader() + csvLine({ id: 7, ...anEntry({ target: 'a,"b"\nc', code: -31014 }) })).toBe(
    'id,at,client,door,account,accountLabel,user,method,target,outcome,code,durationMs,sentBytes,receivedBytes,' +
      'truncated,arguments,result\r\n' +
      '7,2026-11-21T10:00:00.000Z,Cursor,stdio,acc_aaaaaaaa,Acme,a@x.com,tools/call,"a,""b""\nc",ok,-31014,12.5,' +
      '120,4096,false,,\r\n',
  );
});

describe('no field of a CSV export can be taken for a formula', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =cmd|calc',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\0=1',
  ])('%j', (target) => {
    const line = csvLine({ id: 1, ...anEntry({ target }) });
    expect(parseCsv(line)[0]?.[8]).toBe(`'${target}`);
  });

  test('and ordinary names stay as they are', () => {
    for (const target of ['list-products', 'a=b', 'agent.update_memory', "it's", '1-2']) {
      expect(parseCsv(csvLine({ id: 1, ...anEntry({ target }) }))[0]?.[8]).toBe(target);
    }
  });
});

const entry = fc
  .record({
    client: fc.string({ unit: 'binary' }),
    target: fc.option(fc.string({ unit: 'grapheme' })),
    result: fc.option(fc.string()),
  })
  .map((change) => ({ id: 1, ...anEntry(change) }));

test('any texts come back from CSV, but for the mark in front of a formula', async () => {
  await fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), (entries) => {
      const rows = parseCsv(entries.map(csvLine).join(''));
      expect(rows).toHaveLength(entries.length);
      for (const [index, row] of rows.entries()) {
        expect(row).toHaveLength(17);
        for (const [column, text] of [
          [2, entries[index]?.client],
          [8, entries[index]?.target ?? ''],
        ] as const) {
          expect([text, `'${text}`]).toContain(row[column]);
        }
      }
    }),
  );
});

test('an entry is one line of JSON, whatever its texts are', async () => {
  await fc.assert(
    fc.property(entry, (some) => {
      const line = jsonLine(some);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toEqual(some);
    }),
  );
});

test('RD-08 line ends and control characters of a text cannot begin a new line of JSON', () => {
  const line = jsonLine({ id: 1, ...anEntry({ target: '\n2026-11-21 FAKE\r\u001b[31m' }) });
  expect(line).toContain('\\n2026-11-21 FAKE\\r\\u001b[31m');
});
