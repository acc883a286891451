import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import type { Owner } from '#bridge/control/owner.ts';
import { controlThrough } from '#bridge/control/through.ts';
import { Refusals } from '#main/refusals.ts';
import { openWindowDoor } from '#main/window-door.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { watchServer } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { startServe } from '../cli/processes.ts';
import { reachOwner } from '../control/an-owner.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { app, BrowserWindow } from '../electron/electron.ts';
import { shimCommand } from '../flows/world.ts';
import { pageOf } from '../main/a-page.ts';
import { shakesHands, startScripted } from '../relay/scripted.ts';
import { answerJson } from '../workspaces/arrival.ts';
import { type Way, ways } from './leaking-build.ts';

const LEAKING_BUILD = pathToFileURL(join(import.meta.dirname, 'leaking-build.ts')).href;

/*
 * One run of the real product for each way to leak, twice: as a build that leaks, and as it is. Each way uses an account
 * of its own in the same way; only the scan after each test decides.
 */
describe.each([
  ['leaking', { NODE_OPTIONS: `--import=${LEAKING_BUILD}`, LEAK: ways.join() }],
  ['real', {}],
])('the %s product', (build, environment) => {
  const stack = new AsyncDisposableStack();
  let home = '';
  let owner: Owner;
  let workspace = '';

  beforeAll(async () => {
    home = stack.use(await temporaryHome()).path;
    const elsewhere = createServer((_request, response) => response.writeHead(404).end());
    watchServer(elsewhere, 'another origin');
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    stack.defer(() => void elsewhere.close());
    const { port } = elsewhere.address() as AddressInfo;
    const scripted = stack.use(await startMisbehaving(`http://127.0.0.1:${port}/mcp`));
    workspace = scripted.url;
    stack.use(await startServe({ home, environment: { ...environment, GANGWAY_VAULT: 'memory' } }));
    owner = stack.use(reachOwner(pathsFor(home, {})));
  });

  afterAll(() => stack.disposeAsync());

  test.each(ways)(`${build}: %s`, async (way) => {
    await owner.client.accounts.add({
      connector: 'custom',
      label: way,
      url: workspace,
      environment: 'production',
      key: canary('bearer'),
      check: false,
    });
    await callBadly(home, owner, way);
    await lookThroughWindow(owner, way);
    await owner.client.accounts.remove({ account: way });
  });
});

/** Answers a call by what it was asked with, or by leading away. */
async function startMisbehaving(elsewhere: string) {
  return startScripted((arrival, response) => {
    if (shakesHands(arrival, response)) return;
    if (arrival.rpc?.target === 'redirect') response.writeHead(307, { location: elsewhere }).end();
    else {
      const message = `denied: ${arrival.headers.authorization}`;
      answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, error: { code: -32000, message } });
    }
  });
}

/** A real client, whose call fails: by stdio where its answer counts, else by the door that opens faster. */
async function callBadly(home: string, owner: Owner, way: Way): Promise<void> {
  const client = new Client({ name: 'leaking', version: '1' });
  if (way === 'error') await client.connect(new StdioClientTransport(shimCommand(pathsFor(home, {}), way)));
  else {
    const { url, headers } = await owner.client.endpoint.mint({ client: 'leaking', address: way });
    adoptSecret('local', (headers.Authorization ?? '').replace('Bearer ', ''));
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  }
  await expect(client.callTool({ name: way, arguments: {} })).rejects.toThrow();
  await client.close();
}

/** The accounts as the renderer gets them. */
async function lookThroughWindow(owner: Owner, way: Way): Promise<void> {
  newDesktop();
  await app.whenReady();
  using door = openWindowDoor({
    router: { control: controlThrough(owner.client) },
    refusals: new Refusals(silentLog, 'window.refused'),
  });
  new BrowserWindow();
  const { window } = desktop();
  window.contents.frame.url = 'app://bundle/index.html#/accounts';
  door.admit(window.webContents);
  const { control } = await pageOf(window);
  expect((await control.accounts.list()).map(({ slug }) => slug)).toContain(way);
}
