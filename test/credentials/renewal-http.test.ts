import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { watch as watchFolder } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { privateFolder } from '#bridge/base/json-file.ts';
import { limits } from '#bridge/base/limits.ts';
import { silentLog } from '#bridge/base/log.ts';
import type { RefreshRequest } from '#bridge/credentials/renewal.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import { refreshTokens } from '#bridge/oauth/refresh.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import type { Vault } from '#bridge/vault/vault.ts';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { type Answer, type HostileServer, json, PATHS, startHostile } from '../oauth/hostile.ts';
import { aGrant, anOAuthAccount, HOUR, Keeper, MINUTE, same, sealed } from './keeper.ts';
import { Timeline } from './timeline.ts';

const http = new OAuthHttp({
  waits: { ...limits, tokenMs: 300 },
  resolve: async () => {
    throw Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
  },
});
afterAll(() => http[Symbol.asyncDispose]());

/** The real request, as the bridge sends it. */
async function asking({ grant, refreshToken, signal: given }: RefreshRequest): Promise<TokenAnswer> {
  const { tokenEndpoint, issuer, client, resource } = grant;
  const request = { tokenEndpoint, issuer, client, refreshToken, resource };
  return refreshTokens(request, http.fetch('loopback', http.waits.tokenMs), given);
}

const expired = (time: Timeline) => ({ obtainedAt: time.now() - 2 * HOUR, expiresAt: time.now() - HOUR });

describe('RF-07 a token endpoint in trouble', () => {
  test.each<[how: string, answer: Answer | undefined]>([
    ['answers 503', (_, response) => void response.writeHead(503).end()],
    ['answers 500', (_, response) => void response.writeHead(500).end('oops')],
    ['does not answer', () => {}],
    ['resets the connection', (_, response) => void response.socket?.resetAndDestroy()],
    ['has no address', undefined],
    [
      'answers 200 with HTML',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
  ])('that %s costs nobody the sign-in', async (_, reply) => {
    await using server = await startHostile();
    if (reply) server.on(PATHS.token, reply);
    await using keeper = new Keeper();
    const tokenEndpoint = reply ? `${server.origin}${PATHS.token}` : 'https://auth.acme.example/token';
    const grant = await keeper.began({ ...expired(keeper.time), tokenEndpoint });
    keeper.replies.push(asking, asking);
    const token = keeper.token();
    token.catch(() => undefined);
    const text = await laterRefusal(() => keeper.time.until(token, 2_000), 'unreachable');
    expect(text).not.toBe('');
    expect([keeper.needed, keeper.standing.state]).toEqual([[], 'offline']);
    expect(same((await keeper.stored())?.grant?.refreshToken, grant.refreshToken)).toBe(true);
    server.cutConnections();
  });
});

test('UP-429e RF-07 a token endpoint that asks to wait is asked when it said, and the token is used on', async () => {
  await using server = await startHostile();
  server.on(PATHS.token, (_, response) => void response.writeHead(429, { 'retry-after': '90' }).end());
  await using keeper = new Keeper();
  const { time } = keeper;
  const due = { obtainedAt: time.now() - HOUR + 4 * MINUTE, expiresAt: time.now() + 4 * MINUTE };
  const grant = await keeper.began({ ...due, tokenEndpoint: `${server.origin}${PATHS.token}` });
  keeper.replies.push(asking);
  const first = Promise.withResolvers<void>();
  server.on(PATHS.token, (_, response) => {
    response.on('close', () => first.resolve());
    response.writeHead(429, { 'retry-after': '90' }).end();
  });
  expect(same(await keeper.token(), grant.accessToken)).toBe(true);
  await time.until(first.promise, 1_000);
  for (let look = 0; look < 8; look += 1) {
    await time.pass(10_000);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
  }
  expect(keeper.asked).toHaveLength(1);
  await time.pass(20_000);
  expect(keeper.asked).toHaveLength(2);
  expect(same(await keeper.token(), grant.accessToken)).toBe(false);
  expect(keeper.needed).toEqual([]);
});

test('a renewal sends what it must to the stored endpoint only, and its tokens are used', async () => {
  await using server = await startHostile();
  await using keeper = new Keeper();
  const grant = await keeper.began({
    ...expired(keeper.time),
    tokenEndpoint: `${server.origin}${PATHS.token}`,
  });
  keeper.replies.push(asking);
  const token = await keeper.time.until(keeper.token(), 0);
  const [seen] = server.asked(PATHS.token);
  expect(server.seen).toHaveLength(1);
  expect([seen?.form.get('grant_type'), seen?.form.get('resource'), seen?.form.get('client_id')]).toEqual([
    'refresh_token',
    'https://mcp.acme.example/mcp',
    'client-1',
  ]);
  expect(seen?.form.get('refresh_token') === grant.refreshToken?.reveal()).toBe(true);
  expect(same((await keeper.stored())?.grant?.accessToken, token)).toBe(true);
});

describe('RF-04 a process killed', () => {
  const program = fileURLToPath(new URL('./renewing-program.ts', import.meta.url));

  interface Crash extends AsyncDisposable {
    readonly server: HostileServer;
    readonly child: ChildProcess;
    readonly steps: AsyncIterator<string>;
    readonly folder: string;
    /** A keeper in a process that starts after the crash. */
    restarted(): Keeper;
    kill(): Promise<void>;
  }

  const renewing = async (stopAt: string): Promise<Crash> => {
    const disposables = new AsyncDisposableStack();
    const home = disposables.use(await temporaryHome());
    const server = disposables.use(await startHostile());
    const folder = join(home.path, 'vault');
    await privateFolder(folder);
    const master = randomBytes(32);
    const files = new SealedFiles(folder, silentLog);
    const key = sealingKey(master);
    const time = new Timeline();
    time.jump(Date.now() - time.now());
    const { id } = anOAuthAccount();
    const grant = aGrant(time.now(), {
      ...expired(time),
      generation: 1,
      tokenEndpoint: `${server.origin}${PATHS.token}`,
    });
    await files.save(key, id, sealed(grant));
    const child = spawn(process.execPath, [program, folder, server.mcpUrl, stopAt], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    watchProcess(child, 'the renewing program');
    child.stdin.write(`${master.toString('hex')}\n`);
    const ended = once(child, 'exit');
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    disposables.defer(kill);
    const vault: Vault = Object.assign(new MemoryVault(), {
      load: (account: typeof id) => files.load(key, account),
      save: (account: typeof id, record: Readonly<Record<string, unknown>>) =>
        files.save(key, account, record),
    });
    return {
      server,
      child,
      folder,
      steps: createInterface(child.stdout)[Symbol.asyncIterator](),
      restarted: () => {
        // Within the lease of the process that died.
        time.jump(Date.now() + 1 - time.now());
        const keeper = disposables.use(new Keeper({ vault, time }));
        keeper.replies.push(asking);
        return keeper;
      },
      kill,
      [Symbol.asyncDispose]: () => disposables.disposeAsync(),
    };
  };

  const until = async (crash: Crash, step: string): Promise<void> => {
    for (let next = await crash.steps.next(); next.value !== step; next = await crash.steps.next()) {
      if (next.done) throw new Error(`it ended before ${step}`);
    }
  };

  test('before the request left has its old set, and goes on with it', async () => {
    await using crash = await renewing('asking');
    await until(crash, 'asking');
    await crash.kill();
    const keeper = crash.restarted();
    expect((await keeper.stored())?.grant).toMatchObject({
      generation: 1,
      renewal: { by: expect.any(String) },
    });
    await keeper.time.until(keeper.token(), 0);
    expect((await keeper.stored())?.grant).toMatchObject({ generation: 2, renewal: undefined });
    expect(crash.server.asked(PATHS.token)).toHaveLength(1);
  });

  test('after the request and before the store tries once, and goes on where the server lets it', async () => {
    await using crash = await renewing('answered');
    await until(crash, 'answered');
    await crash.kill();
    const keeper = crash.restarted();
    await keeper.time.until(keeper.token(), 0);
    const [first, second] = crash.server.asked(PATHS.token).map(({ form }) => form.get('refresh_token'));
    expect(first !== null && first === second).toBe(true);
    expect((await keeper.stored())?.grant?.generation).toBe(2);
  });

  test('after the request and before the store says what happened where the server does not let it', async () => {
    await using crash = await renewing('answered');
    await until(crash, 'answered');
    await crash.kill();
    crash.server.on(PATHS.token, (_, response) => json(response, { error: 'invalid_grant' }, 400));
    const keeper = crash.restarted();
    const token = keeper.token();
    token.catch(() => undefined);
    const text = await laterRefusal(() => keeper.time.until(token, 0), 'sign-in-needed');
    expect(text).toContain('A renewal was cut off before its answer was saved');
    expect(keeper.needed).toEqual([[keeper.account.id, 'interrupted']]);
    expect(crash.server.asked(PATHS.token)).toHaveLength(2);
    expect((await keeper.stored())?.grant?.generation).toBe(1);
  });

  test('during the store has the old or the new set as a whole', async () => {
    const found = new Set<number | undefined>();
    for (let kill = 0; kill < 8; kill += 1) {
      await using crash = await renewing('done');
      await until(crash, 'answered');
      const watch = watchFolder(crash.folder);
      // Asked for once: a second wait would miss what the first has heard.
      const saved = until(crash, 'saved').catch(() => undefined);
      for (let changes = randomInt(0, 4); changes > 0; changes -= 1) {
        await Promise.race([once(watch, 'change'), saved]);
      }
      watch.close();
      await crash.kill();
      const keeper = crash.restarted();
      const stored = (await keeper.stored())?.grant;
      found.add(stored?.generation);
      expect(stored?.renewal === undefined).toBe(stored?.generation === 2);
    }
    for (const generation of found) expect([1, 2]).toContain(generation);
  });

  test('after the store has the new set without a note, and sends nothing', async () => {
    await using crash = await renewing('saved');
    await until(crash, 'saved');
    await crash.kill();
    const keeper = crash.restarted();
    expect((await keeper.stored())?.grant).toMatchObject({ generation: 2, renewal: undefined });
    await keeper.time.until(keeper.token(), 0);
    expect(crash.server.asked(PATHS.token)).toHaveLength(1);
  });
});
