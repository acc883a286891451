import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { limits } from '#bridge/base/limits.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { Heard } from './hostile.ts';
import { chunk, event, head, json, response, result, streamHead } from './raw-http.ts';

const gzipped = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
export const typed = (type: string): Record<string, string> => ({ 'content-type': type });
/** The first half. */
export const cut = (text: string): string => text.slice(0, Math.floor(text.length / 2));
const padded = (id: string, size: number): string => {
  const frame = result(id, '""');
  return result(id, `"${'x'.repeat(size - frame.length)}"`);
};
/** Valid gzip whose middle was damaged. */
const damaged = (text: string): Buffer => {
  const bytes = gzipSync(text);
  return Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(12, 0xff), bytes.subarray(32)]);
};

/** What a workspace sends as it is; the connection is then closed. */
export interface Sent {
  /** Start of the test's title: the row of the catalogue, and what it is. */
  readonly row: string;
  send(heard: Heard): string | Uint8Array;
}

/** What becomes of it. */
interface Bad extends Sent {
  readonly code: ErrorCode;
  readonly mayHaveRun?: boolean;
  readonly says?: string | RegExp;
}

/** A bad answer to a call ends it at once, and the call is not sent again. */
export const BAD_BODIES: readonly Bad[] = [
  {
    row: 'UB-01 a sign-in page',
    code: 'bad-answer',
    says: 'text/html',
    send: () => response(200, '<html>Welcome</html>', typed('text/html; charset=utf-8')),
  },
  {
    row: 'UB-01 a type of no known form',
    code: 'bad-answer',
    says: 'an unknown type',
    send: () => response(200, 'x', typed('<b>"odd"</b>')),
  },
  { row: 'UB-03 an empty body', code: 'bad-answer', send: () => json('') },
  { row: 'UB-03 202', code: 'bad-answer', says: 'no answer', send: () => response(202) },
  { row: 'UB-03 204', code: 'bad-answer', says: 'no answer', send: () => head(204) },
  { row: 'UB-03 205', code: 'bad-answer', says: 'no answer', send: () => response(205) },
  {
    row: 'UB-04 an array without the answer',
    code: 'bad-answer',
    send: () => json(`[${result('"other"')}]`),
  },
  { row: 'UB-05 a wrong id', code: 'bad-answer', says: 'not the answer', send: () => json(result('4711')) },
  { row: 'UB-05 the id as text', code: 'bad-answer', send: ({ id }) => json(result(`"${id}"`)) },
  { row: 'UB-05 no id', code: 'bad-answer', send: () => json('{"jsonrpc":"2.0","result":{}}') },
  {
    row: 'UB-05 a request instead',
    code: 'bad-answer',
    send: ({ id }) => json(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`),
  },
  {
    row: 'UB-07 cut, chunked',
    code: 'outcome-unknown',
    says: 'Check there',
    send: ({ id }) =>
      head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }) +
      chunk(cut(result(id))),
  },
  {
    row: 'UB-07 cut, with a length',
    code: 'outcome-unknown',
    send: ({ id }) => head(200, { 'content-type': 'application/json', 'content-length': '500' }) + result(id),
  },
  {
    row: 'UB-07 cut, ended by the connection',
    code: 'outcome-unknown',
    send: ({ id }) =>
      head(200, { 'content-type': 'application/json', connection: 'close' }) + cut(result(id)),
  },
  {
    row: 'UB-09 a gzip bomb',
    code: 'too-large',
    says: '32 MB',
    send: () => response(200, gzipSync(Buffer.alloc(50 << 20, 0x20)), gzipped),
  },
  {
    row: 'UB-09 gzip in gzip',
    code: 'bad-answer',
    send: ({ id }) => response(200, gzipSync(gzipSync(result(id))), gzipped),
  },
  {
    row: 'UB-09 gzip, gzip',
    code: 'bad-answer',
    says: 'encoding',
    send: ({ id }) =>
      response(200, gzipSync(gzipSync(result(id))), { ...gzipped, 'content-encoding': 'gzip, gzip' }),
  },
  {
    row: 'UB-09 br',
    code: 'bad-answer',
    says: 'encoding',
    send: ({ id }) => response(200, brotliCompressSync(result(id)), { ...gzipped, 'content-encoding': 'br' }),
  },
  {
    row: 'UB-09 zstd',
    code: 'bad-answer',
    says: 'encoding',
    send: ({ id }) => response(200, zstdCompressSync(result(id)), { ...gzipped, 'content-encoding': 'zstd' }),
  },
  {
    row: 'UB-09 raw deflate',
    code: 'bad-answer',
    says: 'encoding',
    send: ({ id }) =>
      response(200, deflateRawSync(result(id)), { ...gzipped, 'content-encoding': 'deflate' }),
  },
  {
    row: 'UB-09 called gzip, but is not',
    code: 'outcome-unknown',
    send: ({ id }) => response(200, result(id), gzipped),
  },
  {
    row: 'UB-10 gzip damaged in the middle',
    code: 'outcome-unknown',
    send: ({ id }) => response(200, damaged(result(id, `"${'abc'.repeat(50)}"`)), gzipped),
  },
  {
    row: 'UB-10 gzip cut',
    code: 'outcome-unknown',
    send: ({ id }) => response(200, gzipSync(result(id)).subarray(0, 30), gzipped),
  },
  {
    row: 'UB-11 32 MB and one byte',
    code: 'too-large',
    says: '32 MB',
    send: ({ id }) => json(padded(id, limits.answerBytes + 1)),
  },
  {
    row: 'UB-13 1 MB of headers',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: ({ id }) => head(200, { 'x-much': 'x'.repeat(1 << 20) }) + result(id),
  },
  {
    row: 'UB-14 1000 interim responses',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: ({ id }) => Buffer.concat([Buffer.from(head(103).repeat(1000)), json(result(id))]),
  },
  {
    row: 'UB-15 CR in a header',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: ({ id }) => `${head(200, { 'x-a': 'b\rc' })}${result(id)}`,
  },
  {
    row: 'UB-15 NUL in a header',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: ({ id }) => `${head(200, { 'x-a': 'b\0c' })}${result(id)}`,
  },
  {
    row: 'UB-15 no HTTP at all',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: () => 'SSH-2.0-OpenSSH_9.6\r\n',
  },
  {
    row: 'UP-000 status 000',
    code: 'bad-answer',
    says: 'proper HTTP',
    send: ({ id }) => head('000 Odd') + result(id),
  },
  {
    row: 'UB-15 a switch of protocols',
    code: 'outcome-unknown',
    send: () => head(101, { upgrade: 'h2c', connection: 'upgrade' }),
  },
  {
    row: 'UB-21 invalid UTF-8',
    code: 'bad-answer',
    send: ({ id }) => response(200, Buffer.from(result(id, '"\xff\xc3"'), 'latin1')),
  },
];

/** An odd answer that can be read is the answer. */
export const ODD_BODIES: readonly Sent[] = [
  { row: 'UB-02 without a type', send: ({ id }) => response(200, result(id), {}) },
  { row: 'UB-04 in an array with others', send: ({ id }) => json(`[${result('"other"')},${result(id)}]`) },
  { row: 'UB-06 twice in an array', send: ({ id }) => json(`[${result(id)},${result(id, '"second"')}]`) },
  {
    row: 'UB-06 twice on a stream',
    send: ({ id }) => streamHead() + event(result(id)) + event(result(id, '"second"')),
  },
  {
    row: 'UB-08 longer than its length',
    send: ({ id }) => Buffer.concat([json(result(id)), Buffer.from('HTTP/1.1 200 OK\r\n\r\nmore')]),
  },
  { row: 'UB-09 in gzip', send: ({ id }) => response(200, gzipSync(result(id)), gzipped) },
  { row: 'UB-11 of exactly 32 MB', send: ({ id }) => json(padded(id, limits.answerBytes)) },
  {
    row: 'UB-13 with 1000 cookies',
    send: ({ id }) =>
      response(200, result(id), [
        ['content-type', 'application/json'],
        ...Array(1000).fill(['set-cookie', 'a=b']),
      ]),
  },
  {
    row: 'UB-14 after ten interim responses',
    send: ({ id }) => Buffer.concat([Buffer.from(head(103).repeat(10)), json(result(id))]),
  },
  {
    row: 'UB-15 with a reason phrase of other letters',
    send: ({ id }) => Buffer.from(json(result(id)).toString('latin1').replace('Whatever', 'Schön'), 'latin1'),
  },
  {
    row: 'UB-07 ended by the connection',
    send: ({ id }) => head(200, { ...typed('application/json'), connection: 'close' }) + result(id),
  },
  { row: 'UB-12 after blanks', send: ({ id }) => json(`  \n${result(id)}\n`) },
];
