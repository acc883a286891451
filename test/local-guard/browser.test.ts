import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { checkHead } from '#bridge/downstream/guard.ts';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { initialize, modern } from '../downstream/raw-http.ts';
import { pinned, startWorld, text, type World } from '../flows/world.ts';
import { excuse } from '../invariants/broken.ts';
import { startPanel } from '../panel/a-panel.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type Arrival, headerOf, watchPort } from './arrivals.ts';
import { type Hostile, type Outcome, openDocuments, openRebound, REBOUND, type Target } from './documents.ts';
import { type GuardName, guards, putRight, startOpenDoor } from './open-door.ts';
import { type Site, startSite } from './sites.ts';

let chromium: RunningChromium;
let context: BrowserContext;
let documents: readonly Hostile[];
let site: Site;
let workspace: ModernWorkspace;
let world: World;
let door: { readonly port: number; readonly token: string };

excuse('INV-3', /\(local\)/, 'Pages that know the token say it to everybody.');

beforeAll(async () => {
  chromium = await startChromium(`MAP ${REBOUND} 127.0.0.1, EXCLUDE ::1`);
  site = await startSite();
  workspace = await startModern({ name: 'w', speaks: 'both' });
  world = await startWorld();
  await world.add({ connector: 'custom', label: 'Work', url: workspace.url, signIn: 'none' });
  const { url, headers } = await world.endpoint();
  context = await chromium.newContext();
  documents = await openDocuments(context, site);
  door = { port: Number(new URL(url).port), token: (headers.Authorization ?? '').replace('Bearer ', '') };
});

afterAll(async () => {
  for (const one of [chromium, world, workspace, site]) await one?.[Symbol.asyncDispose]();
});

const MODERN = modern(1, 'tools/call', { name: 'echo', arguments: { text: 'ATTEMPT =' } });

/** A door at 127.0.0.1, under one of its names. A page knows its path, its protocol and a good token. */
const doorAt = (name: string, port: number, effort: 'everything' | 'scripts' = 'scripts'): Target => ({
  name: `door at ${name}:${port}`,
  url: `http://${name}:${port}/mcp`,
  token: door.token,
  legacy: initialize.replace('"test"', '"ATTEMPT ="'),
  modern: MODERN,
  elements: effort === 'everything',
});

/** One after the other for each document, all documents at once. */
async function assault(
  documents: readonly Hostile[],
  targets: (from: string) => readonly Target[],
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  await Promise.all(
    documents.map(async ({ from, attack }) => {
      for (const target of targets(from)) outcomes.set(`${from} > ${target.name}`, await attack(target));
    }),
  );
  return outcomes;
}

async function goodClientsAreServed(): Promise<void> {
  for (const mode of ['legacy', pinned] as const) {
    const client = await world.connect('http', 'current', undefined, mode);
    expect(await text(client, 'echo', { text: 'good' })).toBe('w: good');
    await client.close();
  }
}

/** The guards that would refuse this request even if nothing else of it were wrong. */
function guardsAgainst(arrival: Arrival): GuardName[] {
  return guards.filter((one) => {
    const others = new Set(guards.filter((other) => other !== one));
    const rawHeaders = putRight(arrival.rawHeaders, others, door);
    const own = { port: door.port, origins: [`http://127.0.0.1:${door.port}`] };
    const verdict = checkHead({ ...arrival, rawHeaders }, own);
    return verdict.kind === 'refused' || verdict.token !== door.token;
  });
}

/** In which ways Chromium asked for something, by its own words. */
const destinations = (arrivals: readonly Arrival[]): string[] => [
  ...new Set(arrivals.map((arrival) => headerOf(arrival, 'sec-fetch-dest') ?? 'not said')),
];

test('LH-03 LH-06 LH-07 LH-08 LH-21: whatever pages try at the HTTP door, nothing reaches a workspace', async () => {
  await goodClientsAreServed();
  const sessions = await world.bridge.control.sessions.list();
  workspace.requests.clear();
  using arrivals = watchPort(door.port);
  const inside = await openRebound(context, door.port, site);
  const outcomes = await assault([...documents, inside], (from) => {
    switch (from) {
      case 'another port':
        return [
          doorAt('127.0.0.1', door.port, 'everything'),
          ...['localhost', '[::1]', REBOUND].map((name) => doorAt(name, door.port)),
        ];
      case 'a rebinding name':
        return [doorAt('127.0.0.1', door.port), doorAt(REBOUND, door.port)];
      case inside.from:
        return [doorAt(REBOUND, door.port, 'everything')];
      default:
        return [doorAt('127.0.0.1', door.port)];
    }
  });

  for (const [which, { reads }] of outcomes) {
    // A page of the same origin reads whatever comes, which is the refusal.
    const isInside = which.startsWith(inside.from);
    const other = Object.entries(reads).filter(
      ([, read]) => !(isInside && /^(403 )?(\{.*"Use the address [^"]*"\}\})?$/.test(read)),
    );
    expect(other, which).toEqual([]);
  }
  await expect
    .poll(() => destinations(arrivals.all))
    .toEqual(
      expect.arrayContaining([
        ...['document', 'embed', 'empty', 'font', 'iframe', 'image', 'object', 'report', 'script', 'style'],
        ...['audio', 'video', 'not said'],
      ]),
    );
  const hosts = new Set(arrivals.all.map((arrival) => headerOf(arrival, 'host')));
  const names = ['127.0.0.1', '[::1]', REBOUND, 'localhost'];
  expect([...hosts].sort()).toEqual(names.map((name) => `${name}:${door.port}`).sort());
  // 400: a change of protocol.
  expect([...new Set(arrivals.all.map(({ status }) => status))].sort()).toEqual([400, 403]);
  const alone = arrivals.all.filter((one) => one.method !== 'GET' && guardsAgainst(one).length < 2);
  expect(alone.map(({ method, rawHeaders }) => [method, ...rawHeaders])).toEqual([]);

  expect(workspace.requests.all).toEqual([]);
  expect(await world.bridge.control.sessions.list()).toEqual(sessions);
  await goodClientsAreServed();
}, 60_000);

/** Names of attempts whose message came to the workspace, of those at this door. */
const reached = (port: number): string[] => {
  const names = workspace.requests.all.flatMap(
    ({ text }) => new RegExp(`${port} > ([^"=]*) =`).exec(text)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
};

/** What a script sends without asking the server first, and what it sends after it was allowed to. */
const UNASKED = [
  ...['beacon text', 'beacon untyped', 'worker', 'xhr text', 'xhr untyped'],
  ...['cors', 'no-cors'].flatMap((mode) =>
    ['form', 'json as a parameter', 'multipart', 'text', 'untyped'].map((type) => `fetch ${mode} ${type}`),
  ),
  ...['json', 'json in capitals', 'token', 'token untyped'].map((type) => `fetch no-cors ${type}`),
  ...['fetch keepalive', 'fetch loopback'],
];
const ASKED_WITH_TOKEN = [
  ...['fetch cors token', 'fetch keepalive token', 'fetch loopback token', 'fetch modern token'],
  ...['fetch without credentials token', 'xhr json token'],
];
const ELEMENTS = ['form text/plain', 'form to redirect 307', 'redirect 307 no-cors', 'redirect 308 no-cors'];

test('LH-01 LH-06 LH-08 LH-09: a door without any guard would let them through, and one guard less only who knows the token', async () => {
  const [outside] = documents;
  if (!outside) throw new Error('There is no document.');
  workspace.requests.clear();
  const attackDoorWithout = async (missing: readonly GuardName[]): Promise<() => string[]> => {
    const open = await startOpenDoor(new Set(missing), door);
    onTestFinished(() => open[Symbol.asyncDispose]());
    const isOpen = missing.length === guards.length;
    await outside.attack(doorAt('127.0.0.1', open.port, isOpen ? 'everything' : 'scripts'));
    if (missing.includes('host')) {
      await (await openRebound(context, open.port, site)).attack(doorAt(REBOUND, open.port));
    }
    return () => reached(open.port);
  };
  const [none, ...others] = await Promise.all(
    [guards, ...guards.map((one) => [one])].map((missing) => attackDoorWithout(missing)),
  );
  await expect
    .poll(() => none?.())
    .toEqual(
      expect.arrayContaining([...UNASKED, ...ASKED_WITH_TOKEN, ...ELEMENTS, 'fetch same-origin token']),
    );
  expect(Object.fromEntries(guards.map((guard, index) => [guard, others[index]?.()]))).toEqual({
    host: [],
    origin: ASKED_WITH_TOKEN,
    type: [],
    token: [],
  });
}, 60_000);

test('LH-06 at the panel: other pages reach nothing, whatever they send with its cookie', async () => {
  const { panel, port, calls } = await startPanel();
  using arrivals = watchPort(port);
  const own = await context.newPage();
  await own.goto(panel.link());
  await own.getByRole('heading', { name: 'Window' }).waitFor();
  const call = (): Promise<number> =>
    own.evaluate(
      `fetch('/rpc/control/status', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((answer) => answer.status)`,
    );
  expect(await call()).toBe(200);
  const before = arrivals.all.length;
  const inside = await openRebound(context, port, site);
  const some = documents.filter(({ from }) => !['a data address', 'a blob', 'a file'].includes(from));
  const outcomes = await assault([...some, inside], (from) => [
    {
      name: 'panel',
      url: `http://${from === inside.from ? REBOUND : '127.0.0.1'}:${port}/rpc/control/pause`,
      token: door.token,
      legacy: '{"json":{"for":"ATTEMPT ="}}',
      elements: from === 'another port',
    },
  ]);
  for (const [which, { reads }] of outcomes) {
    const other = Object.entries(reads).filter(
      ([, read]) => !(which.startsWith(inside.from) && /^403 (\{.*"Use the address |$)/.test(read)),
    );
    expect(other, which).toEqual([]);
  }
  const came = arrivals.all.slice(before);
  expect(came.some((one) => headerOf(one, 'cookie')?.includes('gangway-panel-'))).toBe(true);
  expect([...new Set(came.map(({ status }) => status))].sort()).toEqual([400, 403, 404, 405]);
  expect(calls).toEqual(['status']);
  expect(await call()).toBe(200);
}, 60_000);
