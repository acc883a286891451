import { chmodSync, chownSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { Secret } from '#bridge/base/secret.ts';
import { type Bridge, createBridge } from '#bridge/bridge.ts';
import { connectSocket } from '#bridge/socket/connect.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { startOwner } from '../control/an-owner.ts';
import { ask } from '../downstream/raw-http.ts';
import { startPlain } from '../workspaces/plain.ts';
import { asAnother, bridgeOfAnother, canBeAnother, OTHER, squat } from './another-user.ts';

/** A folder that everybody may enter, so that only what Gangway does keeps others out. */
async function openFolder(): Promise<string> {
  const { path } = await temporaryHome();
  chmodSync(path, 0o755);
  return path;
}

/** Every file is made as open as its maker allows. */
function withoutMask(): void {
  const mask = process.umask(0);
  onTestFinished(() => void process.umask(mask));
}

/** A bridge as `gangway serve` builds it, with its log and its vault on disk. */
async function startWhole(paths: Paths): Promise<Bridge> {
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const redactor = new Redactor();
  const redact = (text: string): string => redactor.clean(text);
  const log = openLog({ file: join(paths.logs, 'gangway.log'), level: 'debug', redact });
  onTestFinished(() => log[Symbol.dispose]());
  const passphrase = new Secret(canary('generic'));
  return createBridge({
    paths,
    vault: 'passphrase',
    passphrase,
    http: true,
    redactor,
    log,
    version: '1.2.3',
  });
}

const tokenOf = ({ headers }: { headers: Record<string, string> }): string => {
  const token = (headers.Authorization ?? '').replace('Bearer ', '');
  adoptSecret('local', token);
  return token;
};

/** What a program of another user can open, below a folder, and what it hears at a socket and at a port. */
const look = (home: string, socket: string, port: number): string => `
  const fs = require('node:fs');
  const { join } = require('node:path');
  const { connect } = require('node:net');
  const opened = [];
  const walk = (path) => {
    for (const flag of ['r', 'r+', 'a']) {
      try { fs.closeSync(fs.openSync(path, flag)); opened.push(flag + ' ' + path); } catch {}
    }
    try { for (const name of fs.readdirSync(path)) walk(join(path, name)); } catch {}
  };
  walk(${JSON.stringify(home)});
  const talk = (place, words) => new Promise((resolve) => {
    let got = '';
    const socket = connect(place, () => socket.write(words));
    socket.on('data', (bytes) => { got += bytes; });
    socket.on('error', (error) => resolve(error.code));
    socket.on('close', () => resolve(got));
  });
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
  Promise.all([
    talk({ path: ${JSON.stringify(socket)} }, '{"v":1,"role":"control"}\\n'),
    talk({ port: ${port} }, 'POST /mcp HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\n' +
      'Accept: application/json, text/event-stream\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body),
  ]).then(([socket, http]) => process.stdout.write(JSON.stringify({ opened, socket, http }) + '\\n'));`;

interface Looked {
  readonly opened: readonly string[];
  readonly socket: string;
  readonly http: string;
}

test.runIf(canBeAnother)(
  'another user of this computer opens no file of Gangway, and nobody answers them, even where folders were opened',
  async () => {
    withoutMask();
    await using workspace = await startPlain({ name: 'w' });
    const paths = pathsFor(join(await openFolder(), 'gangway'), {});
    await using bridge = await startWhole(paths);
    const { control } = bridge;
    const account = { connector: 'custom', label: 'Work', url: workspace.url, signIn: 'key' } as const;
    await control.accounts.add({ ...account, key: canary('bearer') });
    const minted = await control.endpoint.mint({ client: 'app', address: 'current' });
    await control.settings.set({ activityBodies: true });
    const port = Number(new URL(minted.url).port);
    expect((await ask({ port, token: tokenOf(minted) })).status).toBe(200);
    workspace.requests.clear();

    const asIs = (await asAnother(look(paths.home, bridge.socket, port)).says()) as Looked;
    expect(asIs).toMatchObject({ opened: [], socket: 'EACCES' });
    expect(asIs.http).toMatch(/^HTTP\/1\.1 401 /);

    // Their own modes keep them, even below folders that somebody has opened.
    const entries = globSync('**', { cwd: paths.home, withFileTypes: true });
    const folders = entries.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name));
    const places = [paths.accounts, paths.settings, paths.clients, paths.vault, paths.activity];
    for (const place of [...places, paths.handshakeKey, paths.socket, paths.logs]) statSync(place);
    for (const folder of [paths.home, ...folders]) chmodSync(folder, 0o755);
    const loose = join(paths.config, 'loose.txt');
    writeFileSync(loose, 'Not made by Gangway, so it is open.');
    const opened = (await asAnother(look(paths.home, bridge.socket, port)).says()) as Looked;
    expect(opened.socket).toBe('EACCES');
    const files = opened.opened.filter((one) => !statSync(one.slice(one.indexOf('/'))).isDirectory());
    expect(files).toEqual(['r', 'r+', 'a'].map((how) => `${how} ${loose}`));
    expect(workspace.requests.all).toEqual([]);
  },
);

test.runIf(canBeAnother)(
  'AC-12 LH-30: the bridges of two users stand side by side, each with a socket and a port of its own',
  async () => {
    const theirHome = await openFolder();
    chownSync(theirHome, OTHER, OTHER);
    await using bridge = await startOwner(pathsFor(join(await openFolder(), 'gangway'), {}), { http: true });
    await using other = bridgeOfAnother(join(theirHome, 'gangway'));
    const theirs = (await other.says()) as { readonly socket: string; readonly url: string };
    expect(statSync(theirs.socket).uid).toBe(OTHER);
    expect(theirs.socket).not.toBe(bridge.socket);
    const mine = await bridge.control.endpoint.mint({ client: 'app', address: 'current' });
    expect(new URL(theirs.url).port).not.toBe(new URL(mine.url).port);
    // A token of one is nobody's at the other, and no program of ours talks to a socket of theirs.
    expect((await ask({ port: Number(new URL(theirs.url).port), token: tokenOf(mine) })).status).toBe(401);
    const theirPaths = pathsFor(join(theirHome, 'gangway'), {});
    expect(await attach(theirPaths)).toEqual({ kind: 'refused', because: 'socket' });
  },
);

const attach = ({ socket, handshakeKey }: Paths): ReturnType<typeof connectSocket> =>
  connectSocket({
    socket,
    keyFile: handshakeKey,
    role: 'control',
    client: 'test',
    address: '',
    signal: AbortSignal.timeout(10_000),
  });

test.runIf(canBeAnother).each(['a folder', 'a link'])(
  'another user who took the place of the socket with %s hears nothing, and Gangway says so',
  async (what) => {
    const folder = await openFolder();
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const paths = pathsFor(join(folder, 'a-long-name'.repeat(8)), {});
    expect(paths.socket.startsWith(temporary)).toBe(true);
    const taken = join(paths.socket, '..');
    const real = what === 'a link' ? join(temporary, 'elsewhere') : taken;
    await using squatter = squat(
      [{ path: paths.socket }],
      `const fs = require('node:fs');
      fs.mkdirSync(${JSON.stringify(real)}, { mode: 0o777 });
      ${what === 'a link' ? `fs.symlinkSync(${JSON.stringify(real)}, ${JSON.stringify(taken)});` : ''}`,
    );
    expect(await squatter.says()).toBe('listening');
    await expect(startOwner(paths)).rejects.toMatchObject({ code: 'storage' });
    expect(await attach(paths)).toEqual({ kind: 'refused', because: 'socket' });
    expect(await squatter.heard()).toEqual({ bytes: 0, token: false });
  },
);

test.runIf(canBeAnother)(
  'LH-30 LH-31: another user who took the port hears no token from Gangway, and one they heard from an app is void',
  async () => {
    const paths = pathsFor(join(await openFolder(), 'gangway'), {});
    let token: string;
    let port: number;
    {
      await using first = await startOwner(paths, { http: true });
      const minted = await first.control.endpoint.mint({ client: 'app', address: 'current' });
      token = tokenOf(minted);
      port = Number(new URL(minted.url).port);
    }
    {
      await using squatter = squat([
        { port, host: '127.0.0.1' },
        { port, host: '::1' },
      ]);
      expect(await squatter.says()).toBe('listening');
      await using owner = await startOwner(paths, { http: true });
      expect(owner.url).toBeNull();
      expect(await squatter.heard()).toEqual({ bytes: 0, token: false });
      await expect(ask({ port, token })).rejects.toThrow('0 answers');
      expect(await squatter.heard()).toMatchObject({ token: true });
    }
    await using again = await startOwner(paths, { http: true });
    expect(again.url).toContain(`:${port}/`);
    expect((await ask({ port, token })).status).toBe(401);
  },
);
