import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { AnyRouter } from '@orpc/server';
import { expect, onTestFinished } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type ControlClient, clientOver } from '#bridge/control/client.ts';
import { controlThrough } from '#bridge/control/through.ts';
import type { WindowFile } from '#bridge/panel/files.ts';
import { cookieName, originAt } from '#bridge/panel/guard.ts';
import { openPanel, type Panel, type PanelOptions } from '#bridge/panel/server.ts';
import { adoptSecret } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';
import { type Answer, send } from '../downstream/raw-http.ts';

/** A window small enough for a test. */
export const windowFiles: ReadonlyMap<string, WindowFile> = new Map([
  [
    '/index.html',
    file(
      'text/html; charset=utf-8',
      '<!doctype html><title>Gangway</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/assets/app.css"><h1>Window</h1><script type="module" src="/assets/app.js"></script>',
    ),
  ],
  ['/assets/app.js', file('text/javascript; charset=utf-8', 'document.body.dataset.ran = "yes";')],
  ['/icon.svg', file('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
  ['/assets/app.css', file('text/css; charset=utf-8', 'h1 { color: green }')],
]);

function file(type: string, text: string): WindowFile {
  return { type, bytes: new TextEncoder().encode(text) };
}

/** An open panel, and what reached the bridge behind it. */
export interface PanelWorld {
  readonly panel: Panel;
  readonly port: number;
  /** Names of the calls that arrived. */
  readonly calls: string[];
  readonly log: string[];
}

/** A panel whose bridge answers everything with what `answer` says. */
export async function startPanel(
  options: Partial<PanelOptions> = {},
  answer: (name: string, input: unknown, signal: AbortSignal | undefined) => unknown = () => 'answered',
): Promise<PanelWorld> {
  const calls: string[] = [];
  const control = clientOver({
    call: async (path, input, { signal }) => {
      calls.push(path.join('.'));
      return answer(path.join('.'), input, signal);
    },
  });
  return { ...(await servePanel({ control: controlThrough(control) }, options)), calls };
}

export async function servePanel(
  router: AnyRouter,
  options: Partial<PanelOptions> = {},
): Promise<Omit<PanelWorld, 'calls'>> {
  const log: string[] = [];
  const note = (event: string, ...facts: unknown[]): void => {
    log.push(event);
    collect('log of the panel', `${event} ${JSON.stringify(facts)}\n`);
  };
  const panel = await openPanel({
    port: 0,
    files: windowFiles,
    router,
    log: {
      ...silentLog,
      info: note,
      warn: note,
      error: (event, error, facts) => note(event, String(error), facts),
    },
    ...options,
  });
  onTestFinished(() => Promise.resolve(panel[Symbol.asyncDispose]()));
  return { panel, port: panel.port, log };
}

/** Parts of a request as they go over the wire. A header set to undefined is left out, a list is sent once each. */
export interface PanelRequest {
  readonly line?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string;
}

/** The bytes of a request that passes every guard, except for what `raw` changes. */
export function bytesOf(port: number, cookie: string | undefined, raw: PanelRequest = {}): string {
  const { line = 'POST /rpc/control/status HTTP/1.1', body = '{}' } = raw;
  const isPost = line.startsWith('POST');
  const headers: Record<string, string | readonly string[] | undefined> = {
    Host: `127.0.0.1:${port}`,
    Cookie: cookie,
    'Sec-Fetch-Site': 'same-origin',
    ...(isPost
      ? {
          Origin: originAt(port),
          'Content-Type': 'application/json',
          'Content-Length': String(Buffer.byteLength(body)),
        }
      : {}),
    Connection: 'close',
    ...raw.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}`),
  );
  return `${[line, ...lines].join('\r\n')}\r\n\r\n${isPost ? body : ''}`;
}

/** Sends one request and returns its answer. */
export async function ask(
  { port }: Pick<PanelWorld, 'port'>,
  cookie: string | undefined,
  raw: PanelRequest = {},
): Promise<Answer> {
  const [answer, ...more] = await send(port, bytesOf(port, cookie, raw));
  if (!answer || more.length > 0) throw new Error(`${more.length + (answer ? 1 : 0)} answers`);
  return answer;
}

/** Follows a link as a browser does that was sent here by another program. */
export async function follow(port: number, link: string): Promise<Answer> {
  const { pathname, search } = new URL(link);
  const headers = { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
  return ask({ port }, undefined, { line: `GET ${pathname}${search} HTTP/1.1`, headers });
}

/** Lets a browser in. @returns its `Cookie` header. */
export async function cookieFor(link: string): Promise<string> {
  const port = Number(new URL(link).port);
  const { headers } = await follow(port, link);
  const [cookie = ''] = (headers['set-cookie'] ?? '').split(';');
  if (!cookie.startsWith(`${cookieName(port)}=`)) throw new Error('Nobody was let in.');
  return cookie;
}

export async function enter({ panel }: Pick<PanelWorld, 'panel'>): Promise<string> {
  return cookieFor(panel.link());
}

/** As `enter`, and the test fails when the cookie shows up anywhere afterwards. */
export async function enterSecretly(world: Pick<PanelWorld, 'panel'>): Promise<string> {
  const cookie = await enter(world);
  adoptSecret('generic', cookie.slice(cookie.indexOf('=') + 1));
  return cookie;
}

/** The bridge as the window calls it, in a browser that shows this cookie. */
export function windowOf(port: number, cookie: string | undefined): ControlClient {
  const link = new RPCLink<Record<never, never>>({
    url: `${originAt(port)}/rpc`,
    headers: { ...(cookie ? { cookie } : {}), origin: originAt(port), 'sec-fetch-site': 'same-origin' },
  });
  return createORPCClient<{ control: ControlClient }>(link).control;
}

/** What every answer says, besides the policy of its content. */
export const hardened = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** The status of a request with a good cookie, so that only the guard can be what refuses it. Nothing reaches the bridge. */
export async function refusedStatus(raw: PanelRequest): Promise<number> {
  const world = await startPanel();
  const { status, headers } = await ask(world, await enter(world), raw);
  expect(world.calls).toEqual([]);
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  return status;
}
