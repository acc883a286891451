import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adoptSecret, type CanaryKind, canary } from './canary.ts';
import {
  allowSecrets,
  beginTest,
  collect,
  collectError,
  endTest,
  watchProcess,
  watchServer,
} from './collect.ts';
import { encoders } from './encoders.ts';
import { temporaryHome } from './home.ts';
import { findLeaks, leakLine } from './scan.ts';

const kinds: CanaryKind[] = ['sanctum', 'allv', 'aly', 'bearer', 'local', 'generic'];
/** Only Linux shows the command lines of a child's children. */
const onLinux = process.platform === 'linux' ? ['Linux'] : [];
const ways = ['log', 'error', 'ipc', 'redirect', ...onLinux.map(() => 'argv')];
const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const ON_PURPOSE = join(import.meta.dirname, 'on-purpose.config.ts');
const LEAKING = join(import.meta.dirname, 'leaking.ts');
/** Filler on both sides shows that the surroundings of a secret do not hide it. */
const around = (text: string) => `deadbeef0123 GET /mcp?x=${text}&y=cafe0123456789 end`;

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

describe('canaries', () => {
  test('are unique and have the shapes of real secrets', () => {
    expect(canary('sanctum')).toMatch(/^\d+\|CANARY[A-Za-z0-9]{42,}$/);
    expect(canary('allv')).toMatch(/^sk_live_CANARY[0-9a-f]{32,}$/);
    expect(canary('aly')).toMatch(/^aly_CANARY[0-9a-f]{32,}$/);
    expect(canary('bearer')).toMatch(/^CANARY_bearer_\d+_[0-9a-f]{32}$/);
    expect(new Set(Array.from({ length: 50 }, () => canary('generic'))).size).toBe(50);
  });
});

describe.each(kinds)('a secret of kind %s', (kind) => {
  test.each(Object.entries(encoders))('is found when it is written %s', (_name, encode) => {
    const secret = canary(kind);
    const text = around(encode(secret));
    const leaks = [...findLeaks('text', text), ...findLeaks('bytes', Buffer.from(text, 'latin1'))];
    expect(new Set(leaks.map(({ place }) => place))).toEqual(new Set(['text', 'bytes']));
    const line = leaks.map(leakLine).join('\n');
    expect(line).toContain(`(${kind})`);
    expect(findLeaks('report', line)).toEqual([]);
  });
});

describe('the scan', () => {
  test('names the offset at which a secret starts', () => {
    const secret = canary('bearer');
    const random = secret.slice(-32);
    expect(findLeaks('text', `1234567890${random}`)).toMatchObject([{ form: 'plain', offset: 10 }]);
    expect(findLeaks('text', `12345 ${Buffer.from(random).toString('hex')}`)).toMatchObject([
      { form: 'hex', offset: 6 },
    ]);
  });

  test('finds nothing in clean text, in eleven characters of a secret, or in other random text', () => {
    const secret = canary('generic');
    expect(findLeaks('text', 'no secret here')).toEqual([]);
    expect(findLeaks('text', `x${secret.slice(-11)}x`)).toEqual([]);
    expect(findLeaks('text', Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))))).toEqual([]);
  });

  test('finds adopted secrets such as tokens the bridge minted', () => {
    const minted = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
    adoptSecret('local', minted);
    for (const [name, encode] of Object.entries(encoders)) {
      if (name !== 'upper case') expect(findLeaks(name, around(encode(minted)))).not.toEqual([]);
    }
    expect(() => adoptSecret('local', 'short')).toThrow('16');
  });

  test('finds a secret split over two pieces of one place, in file names, files, errors and causes', async () => {
    await using home = await temporaryHome();
    const [split, named, filed, thrown] = Array.from({ length: 4 }, () => canary('generic')) as [
      string,
      string,
      string,
      string,
    ];
    collect('answer', split.slice(0, -6));
    collect('answer', split.slice(-6));
    writeFileSync(join(home.path, named), '');
    writeFileSync(join(home.path, 'clean.json'), '{}');
    writeFileSync(join(home.path, 'state.json'), JSON.stringify({ filed }));
    collectError(
      'rejection',
      new Error('outer', { cause: Object.assign(new Error('inner'), { header: thrown }) }),
    );
    await home[Symbol.asyncDispose]();
    expect(places().join('\n')).toMatch(/^answer\nfile .+state.json\nname of .+\nrejection$/);
    const lines = findLeaks(`file ${named}`, filed).map(leakLine);
    expect(findLeaks('report', lines.join('\n'))).toEqual([]);
  });

  test('accepts a secret in an allowed place, and only that secret there', () => {
    const [mine, other] = [canary('bearer'), canary('bearer')];
    allowSecrets({ place: 'server', secret: mine, because: 'its own header' });
    collect('server', `${mine} ${other}`);
    collect('log', mine);
    expect(places()).toEqual(['log', 'server']);
    collect('server', mine);
    expect(places()).toEqual(['server']);
  });

  test('finds a secret in very long output, also at the seam of two searches', () => {
    const [early, seam] = [canary('generic'), canary('generic')];
    const filler = '.'.repeat(4 * 1024 * 1024);
    collect('output', `${early}${filler}${filler}${seam.slice(0, -16)}`);
    collect('output', `${seam.slice(-16)}${filler}`);
    const leaks = endTest();
    beginTest();
    expect([...new Set(leaks.map(({ offset }) => offset))]).toEqual([
      early.length - 32,
      early.length + seam.length - 32 + 2 ** 23,
    ]);
  });

  test.runIf(process.platform === 'linux')(
    'watches every child a test starts, without being asked',
    async () => {
      const secret = canary('generic');
      const child = spawn(process.execPath, [
        '-e',
        'process.stdout.write(process.argv[1]); setTimeout(() => {}, 99)',
        secret,
      ]);
      const printed = await text(child.stdout);
      expect(printed).toBe(secret);
      expect(places().map((place) => place.split(' ')[0])).toEqual(['argv', 'cmdline', 'stdout']);
    },
  );

  test('removes a temporary folder when it is disposed', async () => {
    const home = await temporaryHome();
    await home[Symbol.asyncDispose]();
    expect(existsSync(home.path)).toBe(false);
  });

  test('fails a test that prints or throws a secret, and no other', async () => {
    await using home = await temporaryHome();
    const output = join(home.path, 'report.json');
    const options = [
      'run',
      '--config',
      ON_PURPOSE,
      'on-purpose.sample',
      '--reporter=json',
      `--outputFile.json=${output}`,
    ];
    const run = spawn(process.execPath, [VITEST, ...options], { cwd: ROOT });
    await once(run, 'close');
    const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as VitestReport;
    const told = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ title, failureMessages }) => [
        title,
        failureMessages.flatMap(
          (message) => message.match(/Secrets leaked:\n- .*? in (stdout|error of the test)/)?.[1] ?? [],
        ),
      ]),
    );
    expect(told).toEqual([
      ['prints a secret', ['stdout']],
      ['throws a secret', ['error of the test']],
      ['keeps a secret to itself', []],
    ]);
  });
});

describe('a program that leaks', () => {
  test.each(ways)('by LEAK=%s is caught in every encoding', async (way) => {
    const secrets = await runLeaking(way);
    const found = new Set(endTest().map(({ secret }) => secret.number));
    beginTest();
    const missed = Object.entries(secrets).filter(([, secret]) => !found.has(numberOf(secret)));
    expect(missed.map(([name]) => name)).toEqual([]);
  });

  test('and then leaks nothing passes', async () => {
    await runLeaking(undefined);
    expect(places()).toEqual([]);
  });
});

/** Where secrets were found so far, sorted; a fresh collection starts. */
function places(): string[] {
  const leaks = endTest();
  beginTest();
  return [...new Set(leaks.map(({ place }) => place))].sort();
}

function numberOf(secret: string): number {
  return findLeaks('', secret)[0]?.secret.number ?? 0;
}

async function runLeaking(way: string | undefined): Promise<Record<string, string>> {
  await using home = await temporaryHome();
  const secrets = Object.fromEntries(Object.keys(encoders).map((name) => [name, canary('sanctum')]));
  const second = await listen((_request, response) => response.end());
  const first = await listen((_request, response) => response.writeHead(307, { location: second.url }).end());
  watchServer(second.server, 'the other origin');
  const child = spawn(process.execPath, [LEAKING], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, LEAK: way, LOG_FILE: join(home.path, 'app.log'), FIRST_URL: first.url },
  });
  onTestFinished(() => void child.kill());
  watchProcess(child, 'the leaking program');
  await closed(child, secrets);
  return secrets;
}

async function closed(child: ChildProcess, secrets: Record<string, string>): Promise<void> {
  child.on('message', () => {});
  child.stdout?.resume();
  child.stderr?.resume();
  child.stdin?.end(JSON.stringify(secrets));
  await once(child, 'close');
}

async function listen(answer: RequestListener) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
