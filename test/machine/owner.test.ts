import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import { Owner } from '#bridge/control/owner.ts';
import { BridgeError } from '#contract/errors.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { watchProcess } from '../canary/collect.ts';
import { type TemporaryHome, temporaryHome } from '../canary/home.ts';
import { MAIN } from '../cli/processes.ts';
import { NODE } from '../compiled/node.ts';
import { shimCommand, text } from '../flows/world.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';

/** Far more than a few clients and their calls need, far fewer than what a flood takes. */
const FILES = 160;

/*
 * One real owner in a process of its own, with room for few open files, one workspace behind it, and clients at both doors.
 */
describe.runIf(process.platform === 'linux')('an owner in a process of its own', () => {
  let home: TemporaryHome;
  let workspace: PlainWorkspace;
  let owner: ChildProcess;
  let control: ControlClient;
  let url: URL;
  let headers: Record<string, string>;
  let stderr = '';
  const stack = new AsyncDisposableStack();

  beforeAll(async () => {
    home = stack.use(await temporaryHome());
    workspace = stack.use(await startPlain({ name: 'plain' }));
    const words = [...NODE, MAIN, '--home', home.path, 'serve', '--json'];
    owner = spawn('sh', ['-c', `ulimit -n ${FILES}; exec "$@"`, 'sh', ...words], {
      env: { PATH: process.env.PATH, HOME: home.path, GANGWAY_VAULT: 'memory' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    watchProcess(owner, 'the owner');
    const closed = once(owner, 'close');
    stack.defer(async () => {
      owner.kill('SIGCONT');
      owner.kill('SIGKILL');
      await closed;
    });
    owner.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
    });
    if (!owner.stdout) throw new Error('The owner has no stdout.');
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    url = new URL((JSON.parse(line) as { url: string }).url);
    const found = stack.use(
      new Owner({
        paths: pathsFor(home.path, {}),
        client: 'machine',
        start: () => Promise.reject(new BridgeError('owner-running', 'It runs.')),
        signal: new AbortController().signal,
      }),
    );
    control = found.client;
    await control.settings.set({ startOwner: false });
    await control.accounts.add({
      connector: 'custom',
      label: 'Plain',
      url: workspace.url,
      environment: 'development',
      key: canary('bearer'),
    });
    ({ headers } = await control.endpoint.mint({ client: 'machine', address: 'current' }));
    adoptSecret('local', (headers.Authorization ?? '').replace('Bearer ', ''));
  });
  afterAll(() => stack.disposeAsync());

  async function client(door: 'stdio' | 'http'): Promise<Client> {
    const made = new Client({ name: 'machine', version: '1.0.0' });
    await made.connect(
      door === 'http'
        ? new StreamableHTTPClientTransport(url, { requestInit: { headers } })
        : new StdioClientTransport(shimCommand(pathsFor(home.path, {}), 'current')),
    );
    onTestFinished(() => made.close());
    return made;
  }

  test('RD-09: a signal that would open a debugger, and show all that is in memory, does nothing', async () => {
    owner.kill('SIGUSR1');
    expect((await control.status()).pid).toBe(owner.pid);
    // Node says so at once, before anything else is done.
    expect(stderr).not.toContain('Debugger');
    owner.kill('SIGUSR1');
    await control.accounts.list();
    expect(stderr).not.toContain('Debugger');
  });

  test('KL-08: without free file descriptors it refuses new connections, keeps the old ones, and recovers', async () => {
    const [shim, http] = [await client('stdio'), await client('http')];
    const calls = workspace.openedSessions;
    const taken: Socket[] = [];
    for (let count = 0; count < 2 * FILES; count += 1) {
      const socket = connect(Number(url.port), '127.0.0.1');
      socket.on('error', () => undefined);
      taken.push(socket);
    }
    // Those beyond the limit are closed by the system's own way out, the others stay.
    await expect.poll(() => taken.filter((socket) => socket.closed).length).toBeGreaterThan(FILES);
    expect(await text(shim, 'echo', { text: 'over stdio' })).toContain('over stdio');
    expect(await text(http, 'echo', { text: 'over HTTP' })).toContain('over HTTP');
    // A second call at the same time needs a second connection.
    const first = text(shim, 'slow', { gate: 'files' });
    await expect.poll(() => workspace.gates.waiting('files')).toBe(1);
    await expect(text(shim, 'echo', { text: 'one too many' })).rejects.toMatchObject({
      code: -31002,
      message: expect.stringMatching(/^As many .* as this computer allows\. Nothing was sent\./),
    });
    workspace.gates.release('files');
    await first;
    // A change that needs a file is refused in words, and did not happen.
    const change = control.settings.set({ activityDays: 7 });
    await expect(change).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/EMFILE.*could not be saved\. Nothing was lost\./),
    });
    for (const socket of taken) socket.destroy();
    await expect.poll(async () => (await control.settings.set({ activityDays: 7 })).activityDays).toBe(7);
    const fresh = await client('http');
    expect(await text(fresh, 'echo', { text: 'afterwards' })).toContain('afterwards');
    expect(workspace.openedSessions).toBe(calls + 1);
  });

  test('KL-09 KL-06: stopped and continued it answers everything once, and its streams live on', async () => {
    const [shim, http] = [await client('stdio'), await client('http')];
    const heard = { shim: 0, http: 0 };
    for (const [name, one] of Object.entries({ shim, http }) as ['shim' | 'http', Client][]) {
      one.setNotificationHandler('notifications/tools/list_changed', () => {
        heard[name] += 1;
      });
      await one.listTools();
    }
    const before = workspace.requests.withMethod('tools/call').length;
    const held = [text(shim, 'slow', { gate: 'stop' }), text(http, 'slow', { gate: 'stop' })];
    await expect.poll(() => workspace.gates.waiting('stop')).toBe(2);
    owner.kill('SIGSTOP');
    // Answers arrive, and clients ask, while it stands still.
    workspace.gates.release('stop');
    const asked = Array.from({ length: 20 }, (_, number) =>
      text(number % 2 === 0 ? shim : http, 'echo', { text: `call ${number}` }),
    );
    const late = client('stdio');
    // Longer than a connection has for its handshake, so that time is over for whoever greets meanwhile.
    await new Promise((resolve) => setTimeout(resolve, limits.handshakeMs + 200));
    owner.kill('SIGCONT');
    await Promise.all(held);
    const answers = await Promise.all(asked);
    for (const [number, answer] of answers.entries()) expect(answer).toContain(`call ${number}`);
    await workspace.changeTools();
    await expect.poll(() => heard).toEqual({ shim: 1, http: 1 });
    expect(await text(await late, 'echo', { text: 'late' })).toContain('late');
    expect(workspace.requests.withMethod('tools/call').length - before).toBe(23);
  });
});
