import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getEventIteratorSchemaDetails, isContractProcedure } from '@orpc/contract';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { silentLog } from '#bridge/base/log.ts';
import { type Bridge, createBridge } from '#bridge/bridge.ts';
import { control as controlContract } from '#contract/control.ts';
import { desktop as desktopContract } from '#contract/desktop.ts';
import { signInByScript } from '../browser/scripted.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';
import { reachOwner } from '../control/an-owner.ts';
import { Notices } from '../flows/notices.ts';
import { text } from '../flows/world.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { startPlain } from '../workspaces/plain.ts';
import type { PageClient } from './a-page.ts';
import { type App, startApp } from './an-app.ts';

/** The app with two accounts of sample workspaces, added in its window; `a` is the current one. */
async function startTwo() {
  await using starting = new AsyncDisposableStack();
  const keys = { a: canary('bearer'), b: canary('bearer') };
  const a = starting.use(await startPlain({ name: 'a', tokens: { ada: keys.a } }));
  const b = starting.use(await startPlain({ name: 'b', tokens: { bob: keys.b } }));
  const app = starting.use(await startApp());
  const page = await app.page();
  await page.control.accounts.add({ connector: 'custom', label: 'a', url: a.url, key: keys.a });
  await page.control.accounts.add({ connector: 'custom', label: 'b', url: b.url, key: keys.b });
  await vi.waitFor(() => app.desktop.tray.menu.find('Other MCP server: a', 'b (DEVELOPMENT)'));
  const running = starting.move();
  return { a, b, keys, app, page, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A real client program at the HTTP door of the app. */
async function connect({ paths }: App, notices = new Notices()): Promise<Client> {
  // Its token is minted elsewhere, because the window would show it.
  await using owner = reachOwner(paths);
  const { url, headers } = await owner.client.endpoint.mint({ client: 'cursor' });
  adoptSecret('local', (headers.Authorization ?? '').replace('Bearer ', ''));
  const client = new Client({ name: 'cursor', version: '1.0.0' });
  notices.listen(client);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

const accounts = async ({ control }: PageClient): Promise<[string, boolean][]> =>
  (await control.accounts.list()).map(({ label, current }) => [label, current]);

describe('a switch in the tray', () => {
  test('is heard by the client that is connected; its next call goes to the other account', async () => {
    await using stage = await startTwo();
    const { app, page } = stage;
    const { desktop } = app;
    const notices = new Notices();
    const client = await connect(app, notices);
    expect(await text(client, 'echo', { text: 'one' })).toBe('a: one');
    const told = notices.told('tools');
    desktop.clickTray('Other MCP server: a', 'b (DEVELOPMENT)');
    await notices.atLeast('tools', told + 1);
    expect(await text(client, 'echo', { text: 'two' })).toBe('b: two');
    expect(await accounts(page)).toEqual([
      ['a', false],
      ['b', true],
    ]);
    await vi.waitFor(() => expect(desktop.tray.menu.find('Other MCP server: b').checked).toBe(false));
    const switched = desktop.notes.find(({ title }) => title === 'Other MCP server is now b');
    switched?.press();
    await vi.waitFor(async () => expect((await accounts(page))[0]).toEqual(['a', true]));
    await client.close();
  });

  test('to an account that cannot be used does not happen, and says why', async () => {
    await using stage = await startTwo();
    const { app, b, page } = stage;
    await b[Symbol.asyncDispose]();
    app.desktop.clickTray('Other MCP server: a', 'b (DEVELOPMENT)');
    await vi.waitFor(() => expect(app.desktop.notes).toHaveLength(1));
    expect(app.desktop.notes[0]?.title).toContain('b');
    expect((await accounts(page))[0]).toEqual(['a', true]);
  });
});

describe('quitting while an app is connected', () => {
  test('is asked about; whoever stays keeps the client, whoever quits ends it', async () => {
    await using stage = await startTwo();
    const { app } = stage;
    const { desktop } = app;
    const client = await connect(app);
    await vi.waitFor(() => expect(desktop.tray.menu.find('Connected apps: 1')).toBeDefined());
    desktop.clickTray('Quit Gangway');
    const box = await desktop.dialog.question();
    expect(box.options).toMatchObject({
      message: 'One app is connected.',
      detail: 'It will lose access until you start Gangway again.',
    });
    box.click('Keep in background');
    expect(await text(client, 'echo', { text: 'still' })).toBe('a: still');
    desktop.app.quit();
    (await desktop.dialog.question()).click('Quit');
    expect(await desktop.app.ended).toBe(0);
    await expect(text(client, 'echo', { text: 'gone' })).rejects.toThrow();
    await client.close().catch(() => undefined);
  });

  test('is not asked about again by those who said so', async () => {
    await using stage = await startTwo();
    const { app, page } = stage;
    const client = await connect(app);
    await page.desktop.choose({ askBeforeQuit: false });
    app.desktop.app.quit();
    expect(await app.desktop.app.ended).toBe(0);
    expect(app.desktop.dialog.boxes).toEqual([]);
    await client.close().catch(() => undefined);
  });
});

test('quitting beside a bridge that runs elsewhere takes nothing away, so nothing is asked', async () => {
  let owner: Bridge | undefined;
  await using app = await startApp({
    before: async (paths) => {
      owner = await createBridge({ paths, vault: 'memory', http: true, log: silentLog, version: '0.1.0' });
    },
  });
  await using _owner = owner!;
  const client = await connect(app);
  await vi.waitFor(() => app.desktop.tray.menu.find('Connected apps: 1'));
  app.desktop.clickTray('Quit Gangway');
  expect(await app.desktop.app.ended).toBe(0);
  expect(app.desktop.dialog.boxes).toEqual([]);
  expect(await owner!.control.sessions.list()).toHaveLength(1);
  await client.close();
});

describe('DL-09 a window that asks for a secret', () => {
  test('gets none: not by adding, listing, watching, checking or changing an account', async () => {
    await using stage = await startTwo();
    const { keys, page } = stage;
    const { control } = page;
    const [first] = await control.accounts.list();
    const changes = await control.watch();
    collect('slices of the window', JSON.stringify((await changes.next()).value));
    await control.accounts.check({ account: first!.id });
    await control.accounts.rotateKey({ account: first!.id, key: keys.a });
    await control.accounts.tools({ account: first!.id });
    await control.accounts.update({ account: first!.id, label: 'c' });
    collect('changes of the window', JSON.stringify((await changes.next()).value));
    for await (const piece of await control.activity.export({ format: 'jsonl', filter: {} })) {
      collect('export in the window', piece);
    }
    await changes.return?.();
    // The scan after this test searches all that the page heard for both keys.
    expect(JSON.stringify(await control.accounts.list())).toContain('"signIn":{"kind":"key"');
  });

  test('finds no field for one in anything it can be answered', () => {
    const fields = new Set(
      [...outputsOf({ control: controlContract, desktop: desktopContract })].flatMap(([, output]) =>
        fieldsIn(output),
      ),
    );
    const suspicious = [...fields].filter((name) =>
      /key|secret|token|pass|credential|authori|cookie|header/i.test(name),
    );
    // Names of headers, and headers that hold no secret; `endpoint.mint` shows a client's own new token, once. The token is
    // that of a change which was shown, and makes it.
    expect(suspicious.sort()).toEqual(['header', 'headers', 'secretHeaders', 'token']);
    expect(fields.size).toBeGreaterThan(100);
  });
});

test('a click on "sign in" in the tray opens the page, and the account is ready once the person came back', async () => {
  await using workspace = await startPelcroWithOAuth({
    accounts: [{ id: 'herald', name: 'The Herald', sites: ['site_1'] }],
  });
  await using app = await startApp();
  const { desktop } = app;
  const { control } = await app.page();
  const { pelcro, oauth } = workspace;
  const entered = {
    connector: 'pelcro',
    label: 'Herald',
    url: pelcro.origin,
    environment: 'production',
  } as const;
  await control.accounts.add(entered);
  await vi.waitFor(() => desktop.tray.menu.find('Pelcro Herald: sign in'));
  expect(desktop.shell.opened).toEqual([]);
  desktop.clickTray('Pelcro Herald: sign in');
  await vi.waitFor(() => expect(desktop.shell.opened).toHaveLength(1));
  const [link = ''] = desktop.shell.opened;
  expect(new URL(link).origin).toBe(new URL(oauth.issuer).origin);
  await signInByScript(link, { account: 'herald' });
  await vi.waitFor(async () => expect((await control.accounts.list())[0]?.condition.state).toBe('ready'));
  expect(desktop.shell.opened).toHaveLength(1);
});

test('the window makes a bundle for Claude Desktop, and the app that installs such opens it', async () => {
  await using app = await startApp({
    before: async ({ home }) => {
      const built = join(home, '../desktop/app/out/shim');
      await mkdir(built, { recursive: true });
      await writeFile(join(built, 'gangway-shim.cjs'), 'carry();');
    },
  });
  const page = await app.page();
  const path = join(app.paths.bundles, 'gangway.mcpb');
  expect(await page.desktop.openBundle({})).toEqual({ opened: true, path });
  expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
  expect(app.desktop.shell.openedPaths).toEqual([path]);
  await expect(page.desktop.openBundle({ address: 'nobody' })).rejects.toThrow('nobody');
  expect(app.desktop.shell.openedPaths).toEqual([path]);
});

type Outputs = [path: string, schema: z.ZodType];

/** The shapes of all answers of a contract. */
function outputsOf(contract: object, path = ''): Outputs[] {
  return Object.entries(contract).flatMap(([name, part]: [string, unknown]): Outputs[] => {
    const place = `${path}/${name}`;
    if (!isContractProcedure(part)) return outputsOf(part as object, place);
    const { outputSchema } = part['~orpc'];
    const inner = getEventIteratorSchemaDetails(outputSchema)?.yields ?? outputSchema;
    if (!(inner instanceof z.ZodType)) throw new Error(`${place} has no output`);
    return [[place, inner]];
  });
}

/** The names of all fields in a shape. */
function fieldsIn(schema: z.ZodType): string[] {
  const names: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, value] of Object.entries(node)) {
      if (name === 'properties' && typeof value === 'object' && value !== null)
        names.push(...Object.keys(value));
      walk(value);
    }
  };
  walk(z.toJSONSchema(schema, { unrepresentable: 'any' }));
  return names;
}
