import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { AccountView } from '#contract/control.ts';
import { temporaryHome } from '../canary/home.ts';
import { get, NAVIGATION } from '../oauth/browser.ts';
import { PATHS, startHostile } from '../oauth/hostile.ts';
import { gangway, type RunOptions, startGangway, startServe } from './processes.ts';

async function freshHome(): Promise<RunOptions> {
  return { home: join((await temporaryHome()).path, 'data') };
}

const addOAuth = (url: string) => [
  ...['add', 'custom', '--url', url, '--own-network', '--sign-in', 'oauth', '--label', 'Acme', '--json'],
];

/** Starts `gangway login` and waits for the link on stderr. */
async function startLogin(options: RunOptions, ...words: string[]) {
  const running = startGangway(['login', 'acme', '--print-url', ...words], options);
  const { stderr } = running.child;
  if (!stderr) throw new Error('It has no stderr.');
  const lines = createInterface({ input: stderr });
  for await (const line of lines) if (line.startsWith('http')) return { ...running, link: line };
  throw new Error('It showed no link.');
}

/** Goes to the page and back to Gangway, as a browser whose person agrees at once. */
async function agree(link: string): Promise<void> {
  const { location = '' } = (await get(link, { headers: NAVIGATION })).headers;
  expect((await get(location, { headers: NAVIGATION })).status).toBe(303);
}

test('login signs in through the owner, and logout signs out again', async () => {
  await using server = await startHostile();
  const options = await freshHome();
  await using _serve = await startServe(options);
  const added = await gangway(addOAuth(server.mcpUrl), options);
  expect(JSON.parse(added.stdout)).toMatchObject({ account: { condition: { state: 'sign-in-needed' } } });
  await using running = await startLogin(options, '--json');
  const closed = once(running.child, 'close');
  await agree(running.link);
  const printed: string[] = [];
  for (let line = await running.line(); line !== undefined; line = await running.line()) printed.push(line);
  expect(await closed).toEqual([0, null]);
  expect(JSON.parse(printed.join('\n'))).toMatchObject({ account: { slug: 'acme', state: 'ready' } });
  const out = await gangway(['logout', 'acme'], options);
  expect(out).toMatchObject({ code: 0, stdout: expect.stringContaining('was told.') });
  expect(server.asked(PATHS.revoke)).not.toEqual([]);
  const listed = JSON.parse((await gangway(['accounts', '--json'], options)).stdout) as AccountView[];
  expect(listed).toMatchObject([{ state: 'sign-in-needed', signInReason: 'signed-out' }]);
});

test('login without an owner signs in by itself', async () => {
  await using server = await startHostile();
  const options = await freshHome();
  expect((await gangway(addOAuth(server.mcpUrl), options)).code).toBe(0);
  await using running = await startLogin(options);
  const closed = once(running.child, 'close');
  await agree(running.link);
  expect(await running.line()).toMatch(/^Signed in to Acme as /);
  expect(await closed).toEqual([0, null]);
});

test.each([true, false])('Ctrl-C cancels the sign-in; another process is the owner: %s', async (isServed) => {
  await using server = await startHostile();
  const options = await freshHome();
  await using _serve = isServed ? await startServe(options) : undefined;
  await gangway(addOAuth(server.mcpUrl), options);
  await using running = await startLogin(options);
  expect(await running.end('SIGINT')).toBe(130);
  const redirect = new URL(running.link).searchParams.get('redirect_uri') ?? '';
  await expect(fetch(redirect)).rejects.toThrow();
});

test('an owner that is killed ends the login with its usual error', async () => {
  await using server = await startHostile();
  const options = await freshHome();
  const serve = await startServe(options);
  await gangway(addOAuth(server.mcpUrl), options);
  await using running = await startLogin(options, '--json');
  const closed = once(running.child, 'close');
  await serve.end('SIGKILL');
  expect(JSON.parse((await running.line()) ?? '')).toMatchObject({ error: { code: 'stopping' } });
  expect(await closed).toEqual([5, null]);
});
