import { expect, test } from 'vitest';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Era } from '#bridge/upstream/eras.ts';
import { judgeProbe, refusesHandshakes } from '#bridge/upstream/modern/era-verdict.ts';

const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 1, result: value });
const error = (code: number, data?: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message: 'no', ...(data && { data }) } });

type Row = readonly [status: number | undefined, body: string | undefined, era: Era | undefined];

const rows: readonly Row[] = [
  [200, result({ supportedVersions: ['2026-07-28'] }), 'modern'],
  [200, result({ supportedVersions: ['2025-11-25', '2026-07-28'] }), 'modern'],
  [200, result({ supportedVersions: ['2027-01-01'] }), 'modern'],
  [200, result({ supportedVersions: ['2025-11-25', '2025-06-18'] }), 'legacy'],
  [200, result({ supportedVersions: ['DRAFT-2026-v1', 7] }), 'legacy'],
  [200, result({ supportedVersions: '2026-07-28' }), 'legacy'],
  [200, result({}), 'legacy'],
  [200, result(null), 'legacy'],
  [undefined, result({ supportedVersions: ['2026-07-28'] }), 'modern'],
  [undefined, error(-32601), 'legacy'],
  [undefined, undefined, undefined],
  [400, error(-32020), 'modern'],
  [400, error(-32021, { requiredCapabilities: {} }), 'modern'],
  [400, error(-32022), 'modern'],
  [400, error(-32022, { supported: ['2027-01-01'] }), 'modern'],
  [400, error(-32022, { supported: ['2025-11-25'] }), 'legacy'],
  [400, error(-32022, { supported: [] }), 'legacy'],
  [200, error(-32022, { supported: ['2026-07-28'] }), 'modern'],
  ...[-32000, -32001, -32003, -32004, -32600, -32601, -32602, -32603, -32700, 1].flatMap((code): Row[] => [
    [200, error(code), 'legacy'],
    [400, error(code, { supported: ['2026-07-28'] }), 'legacy'],
  ]),
  [404, error(-32601), 'legacy'],
  ...[400, 404, 405, 406, 415, 422].map((status): Row => [status, undefined, 'legacy']),
  ...[200, 202, 204, 301, 307, 402, 407, 408, 409, 410, 413, 421, 451].map(
    (status): Row => [status, undefined, undefined],
  ),
  ...[401, 403, 429, 500, 502, 503, 504, 511].flatMap((status): Row[] => [
    [status, undefined, undefined],
    [status, error(-32601), undefined],
    [status, result({ supportedVersions: ['2026-07-28'] }), undefined],
  ]),
];

test.each(rows)('status %s with %s is %s', (status, body, era) => {
  const answer = body === undefined ? undefined : readMessage(Buffer.from(body));
  expect(judgeProbe(status, answer?.kind === 'response' ? answer : undefined)).toBe(era);
});

test.each<[string, boolean]>([
  [error(-32022, { supported: ['2026-07-28'] }), true],
  [error(-32022, { supported: ['2026-07-28', '2025-06-18'] }), false],
  [error(-32022, { supported: [] }), false],
  [error(-32022), false],
  [error(-32020, { supported: ['2026-07-28'] }), false],
  [error(-32000, { supported: ['2026-07-28'] }), false],
  [result({ supportedVersions: ['2026-07-28'] }), false],
])('%s means that no handshake is taken: %s', (body, refuses) => {
  const answer = readMessage(Buffer.from(body));
  expect(answer.kind === 'response' && refusesHandshakes(answer)).toBe(refuses);
});
