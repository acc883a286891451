import type { ErrorCode } from '#contract/errors.ts';
import type { Heard } from './hostile.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A JSON-RPC error; `id` is raw JSON text. */
export function rpcError(id: string, code = -32000, message = 'no'): string {
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}"}}`;
}

/** What each body of an error status looks like; none of them is the answer to our request. */
export const BODIES: Readonly<Record<string, (heard: Heard) => [string, Record<string, string>]>> = {
  'somebody else’s JSON-RPC error': () => [rpcError('"other"'), JSON_TYPE],
  'plain text': () => ['Something is wrong', { 'content-type': 'text/plain' }],
  HTML: () => ['<html><script>alert(1)</script></html>', { 'content-type': 'text/html' }],
  nothing: () => ['', {}],
};

/** What becomes of a call and of a read that are answered with a status every time, and how often each is sent. */
export interface StatusRow {
  /** Start of the test's title: the rows of the catalogue, or what it is. */
  readonly ids: string;
  readonly status: number;
  readonly call: ErrorCode;
  readonly read: ErrorCode;
  readonly callTries: number;
  readonly readTries: number;
}

/** Rows of the catalogue that are not called after their number alone; others have none of their own. */
const IDS: Readonly<Record<number, string>> = {
  400: 'UP-400 400',
  401: 'UP-401c 401',
  403: 'UP-403b 403',
  404: 'UP-404b 404',
  409: 'status 409',
  412: 'status 412',
  429: 'UP-429d 429',
  500: 'UP-500 UP-500w',
  501: 'UP-501 UP-500w',
  502: 'UP-502 UP-500w',
  503: 'UP-503b 503',
  504: 'UP-504 UP-500w',
  505: 'UP-505 UP-500w',
  507: 'UP-507 UP-500w',
  508: 'UP-508 UP-500w',
};

function row(status: number, call: ErrorCode, read = call, callTries = 1, readTries = 1): StatusRow {
  return { ids: IDS[status] ?? `UP-${status}`, status, call, read, callTries, readTries };
}

/** A status above 599 counts as a fault of the server (RFC 9110 section 15), so a call may have been carried out. */
const FAULTS = [500, 502, 503, 504, 507, 508, 520, 524, 599, 999];
const UNREADABLE = [400, 404, 405, 406, 409, 410, 411, 412, 414, 415, 416, 417, 418, 424, 426, 431, 499];

export const STATUSES: readonly StatusRow[] = [
  ...UNREADABLE.map((status) => row(status, 'bad-answer')),
  ...[402, 403, 422, 423, 428, 451].map((status) => row(status, 'refused')),
  row(401, 'sign-in-needed'),
  row(407, 'unreachable'),
  row(408, 'outcome-unknown', 'timeout', 1, 2),
  row(413, 'too-large'),
  row(421, 'bad-answer', 'bad-answer', 2, 2),
  row(425, 'bad-answer', 'bad-answer', 2, 2),
  row(429, 'wait', 'wait', 3, 3),
  ...FAULTS.map((status) => row(status, 'outcome-unknown', 'bad-answer', 1, 2)),
  ...[501, 505].map((status) => row(status, 'bad-answer', 'bad-answer', 1, 2)),
  row(511, 'bad-answer'),
  ...[521, 522, 523, 530].map((status) => row(status, 'unreachable')),
  ...[525, 526].map((status) => row(status, 'tls')),
];

/** With these not even an answer to this very request is passed on: they are about who asks, and how often. */
export const OWN_MEANING: readonly number[] = [401, 403, 429];
