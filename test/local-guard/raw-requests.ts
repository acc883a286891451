import type { RawRequest } from '../downstream/raw-http.ts';

/** One way to ask wrongly: what is changed in a request that would be answered. PORT stands for the door's port. */
export interface WrongRequest {
  /** Of the catalogue. */
  readonly id: string;
  readonly what: string;
  readonly change: RawRequest;
  readonly status: number;
}

type Headers = RawRequest['headers'];

function rows(id: string, status: number, changes: Readonly<Record<string, RawRequest>>): WrongRequest[] {
  return Object.entries(changes).map(([what, change]) => ({ id, what, change, status }));
}

/** The same header with each of these values. */
function values(
  id: string,
  status: number,
  name: string,
  all: readonly (string | readonly string[] | undefined)[],
): WrongRequest[] {
  return all.map((value) => {
    const headers: Headers = { [name]: value };
    return { id, what: `${name}: ${value ?? 'none'}`, change: { headers }, status };
  });
}

/** What the guards of the door refuse by the head alone. */
export const wrongRequests: readonly WrongRequest[] = [
  ...values('LH-01', 401, 'Authorization', [undefined, '', 'Bearer', 'Bearer x', 'Basic dG9rZW4=']),
  ...values('LH-02', 401, 'Authorization', ['TOKEN', 'Token TOKEN', ['Bearer TOKEN', 'Bearer TOKEN']]),
  ...rows('LH-02', 401, {
    'token in a cookie': { headers: { Authorization: undefined, Cookie: 'token=TOKEN' } },
    'token for a proxy': { headers: { Authorization: undefined, 'Proxy-Authorization': 'Bearer TOKEN' } },
  }),
  ...values('LH-03', 403, 'Host', [
    ...['evil.example', 'evil.example:PORT', '127.0.0.1', 'localhost:PORT', 'LOCALHOST:PORT'],
    ...['localhost.:PORT', '127.0.0.1:PORT@evil', '127.1:PORT', '0.0.0.0:PORT', '[::ffff:127.0.0.1]:PORT'],
    ...[
      '',
      '127.0.0.1:PORT.',
      '2130706433:PORT',
      '127.0.0.1:0PORT',
      '[::1%25lo]:PORT',
      '[0:0:0:0:0:0:0:1]:PORT',
    ],
  ]),
  ...values('LH-04', 400, 'Host', [undefined, ['127.0.0.1:PORT', '127.0.0.1:PORT']]),
  ...rows('LH-05', 400, {
    'absolute form': { line: 'POST http://127.0.0.1:PORT/mcp HTTP/1.1' },
    'OPTIONS *': { line: 'OPTIONS * HTTP/1.1' },
  }),
  ...rows('LH-05', 405, {
    CONNECT: { line: 'CONNECT 127.0.0.1:PORT HTTP/1.1' },
    TRACE: { line: 'TRACE /mcp HTTP/1.1' },
  }),
  ...values('LH-06', 403, 'Origin', [
    ...['http://evil', 'null', 'http://localhost:3000', 'http://127.0.0.1:1', 'app://bundle', ''],
    ...['http://[::1].evil', 'file://', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
    ['http://127.0.0.1:PORT', 'http://127.0.0.1:PORT'],
  ]),
  // The door's own origin is allowed, where no browser says it.
  ...rows('LH-06', 403, {
    'its own, by a browser': {
      headers: { Origin: 'http://127.0.0.1:PORT', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' },
    },
  }),
  ...values('LH-07', 403, 'Sec-Fetch-Site', [
    'cross-site',
    'same-site',
    'same-origin',
    ['none', 'cross-site'],
  ]),
  ...values('LH-07', 403, 'Sec-Fetch-Mode', ['no-cors', 'navigate', 'same-origin', 'websocket']),
  ...rows('LH-08', 403, {
    'a preflight': {
      line: 'OPTIONS /mcp HTTP/1.1',
      headers: {
        Origin: 'https://evil.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Private-Network': 'true',
      },
    },
    'a preflight that says nothing': { line: 'OPTIONS /mcp HTTP/1.1' },
  }),
  ...values('LH-09', 415, 'Content-Type', [
    ...[undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
    ...['text/plain; a=application/json', 'application/jsonp', 'application/json; charset=utf-16'],
    ...['application/json, text/plain', 'application/csp-report', 'text/ping', ''],
    ['application/json', 'text/plain'],
  ]),
  ...values('LH-10', 415, 'Content-Encoding', ['gzip', 'br', 'identity, gzip']),
  ...values('LH-11', 406, 'Accept', [undefined, 'text/html', 'application/json', 'text/event-stream']),
  ...rows(
    'LH-12',
    404,
    Object.fromEntries(
      [
        ...['/', '/mcp/', '/MCP', '/mcp?x=1', '/mcp?access_token=x', '/../mcp', '/%6dcp', '/mcp/..;/mcp'],
        ...['/.well-known/oauth-protected-resource', '/.well-known/oauth-authorization-server'],
      ].flatMap((path) => [
        [`POST ${path}`, { line: `POST ${path} HTTP/1.1` }],
        [`GET ${path}`, { line: `GET ${path} HTTP/1.1`, headers: { Authorization: undefined } }],
      ]),
    ),
  ),
  ...rows('LH-12', 400, { 'two slashes': { line: 'POST //mcp HTTP/1.1' } }),
  ...rows('LH-13', 405, {
    PUT: { line: 'PUT /mcp HTTP/1.1' },
    PATCH: { line: 'PATCH /mcp HTTP/1.1' },
    HEAD: { line: 'HEAD /mcp HTTP/1.1' },
  }),
  ...['websocket', 'h2c'].flatMap((protocol) =>
    rows('LH-21', 400, {
      [protocol]: { headers: { Upgrade: protocol, Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' } },
    }),
  ),
];
