import { expect, test } from 'vitest';
import { adoptSecret } from '../canary/canary.ts';
import { excuse } from '../invariants/broken.ts';
import { ask, follow, hardened, startPanel } from './a-panel.ts';

test('a link lets in once, sets a cookie no script reads, and goes on by itself', async () => {
  const world = await startPanel();
  const link = world.panel.link();
  expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${world.port}/open\\?ticket=[A-Za-z0-9_-]{43}$`));
  const first = await follow(world.port, link);
  expect(first.status).toBe(200);
  expect(first.body).toContain('<meta http-equiv="refresh" content="0; url=/">');
  expect(first.body).not.toContain('<script');
  expect(first.headers['set-cookie']).toMatch(
    new RegExp(`^gangway-panel-${world.port}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
  );
  expect(first.headers).toMatchObject(hardened);
  const second = await follow(world.port, link);
  expect(second).toMatchObject({ status: 401, body: expect.stringContaining('does not work any more') });
  expect(second.body).toContain('gangway panel');
  expect(second.headers['set-cookie']).toBeUndefined();
});

test.each([
  '/open',
  '/open?',
  '/open?ticket=',
  '/open?ticket=x',
  `/open?ticket=${'A'.repeat(43)}`,
  '/open?x=1',
])('a link that was never given gets the same page: %s', async (path) => {
  const world = await startPanel();
  const answer = await follow(world.port, `http://127.0.0.1:${world.port}${path}`);
  expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('does not work any more') });
});

test.each([
  [
    'a page that embeds it',
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
    403,
  ],
  [
    'a page that frames it',
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
    403,
  ],
  ['a script of a page', { Origin: 'http://evil.example' }, 403],
  [
    'a browser that looks ahead',
    { 'Sec-Purpose': 'prefetch;prerender', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
    204,
  ],
])('a link is not used up by %s', async (_, headers, status) => {
  const world = await startPanel();
  const link = world.panel.link();
  const { pathname, search } = new URL(link);
  const raw = { line: `GET ${pathname}${search} HTTP/1.1`, headers };
  expect((await ask(world, undefined, raw)).status).toBe(status);
  expect((await follow(world.port, link)).status).toBe(200);
});

test('LH-29 at the panel: many wrong tickets are told to wait, and a good one still lets in', async () => {
  const world = await startPanel();
  const link = world.panel.link();
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    statuses.push((await follow(world.port, `http://127.0.0.1:${world.port}/open?ticket=${count}`)).status);
  }
  expect(statuses).toEqual([...Array(30).fill(401), ...Array(10).fill(429)]);
  expect((await follow(world.port, link)).status).toBe(200);
});

test('a ticket is known to nobody but the link, whatever becomes of it', async () => {
  excuse('INV-3', /in the address/, 'A ticket is in the address that a person opens once.');
  const world = await startPanel();
  const link = world.panel.link();
  const ticket = new URL(link).searchParams.get('ticket') ?? '';
  adoptSecret('generic', ticket);
  const first = await follow(world.port, link);
  expect(first.status).toBe(200);
  for (const { body, headers } of [first, await follow(world.port, link)]) {
    expect(body + JSON.stringify(headers)).not.toContain(ticket);
  }
  expect(world.log).toEqual([]);
});
