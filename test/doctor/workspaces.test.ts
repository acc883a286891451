import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { thisMachine } from '#bridge/doctor/machine.ts';
import { lookAtCertificates } from '#bridge/doctor/network.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { makeCertificate } from '../upstream/certificate.ts';
import { startHostile } from '../upstream/hostile.ts';
import { type Listening, listen } from '../workspaces/listen.ts';
import { startPlain } from '../workspaces/plain.ts';
import { addWords, alike, emptyHome, saidOf } from './a-home.ts';

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let homes: Awaited<ReturnType<typeof alike>>;
beforeAll(async () => {
  homes = await alike();
});
afterAll(() => homes?.[Symbol.asyncDispose]());

/** The workspace at an origin as it is, but for the clock it answers with. */
async function withClock(origin: string, aheadMs: number): Promise<Listening> {
  return listen(async (arrived, response) => {
    const { method, url = '/', headers } = arrived;
    const onward = request(new URL(url, origin), { method, headers });
    arrived.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [import('node:http').IncomingMessage];
    const date = new Date(Date.now() + aheadMs).toUTCString();
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, date });
    answer.pipe(response);
  });
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const HOURS = 60 * 60_000;

test('a clock that is two hours ahead of the only workspace', async () => {
  const home = await emptyHome();
  await using late = await withClock(new URL(homes.url).origin, -2 * HOURS);
  await home.run(addWords(`${late.origin}${new URL(homes.url).pathname}`, 'Late'));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad clock-off null'] });
  expect(saidOf(found, 'clock-off')).toContain('wrong by 120 minutes');
  expect(saidOf(found, 'account')).toContain('Late works');
});

test('one workspace of two whose own clock is wrong', async () => {
  const home = await homes.copy();
  await using early = await withClock(new URL(homes.url).origin, 2 * HOURS);
  await home.run(addWords(`${early.origin}${new URL(homes.url).pathname}`, 'Early'));
  const host = new URL(early.origin).host;
  expect(await home.doctor()).toMatchObject({ code: 0, troubles: [`notice workspace-clock-off ${host}`] });
});

test('a proxy that does not answer is named once, and an account that needs none still works', async () => {
  const home = await homes.copy();
  const port = await deadPort();
  await home.run(['settings', 'proxy', `http://127.0.0.1:${port}`]);
  const [one, two] = ['https://one.example.com/mcp', 'https://two.example.com/mcp'];
  for (const url of [one, two]) {
    await home.run([
      'add',
      'custom',
      '--url',
      url,
      '--label',
      url.slice(8, 11),
      '--sign-in',
      'none',
      '--no-check',
    ]);
  }
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad proxy-unreachable 127.0.0.1:${port}`] });
  const states = found.report.checks.filter(({ area }) => area === 'accounts');
  expect(states.map(({ subject, state }) => `${subject} ${state}`).sort()).toEqual([
    'acme ok',
    'one skipped',
    'two skipped',
  ]);
});

test('NW-05 a certificate nobody trusts', async () => {
  const home = await homes.copy();
  const tls = await makeCertificate('127.0.0.1');
  await using secure = await startHostile({ tls });
  await home.run(addWords(`${secure.origin}/mcp`, 'Secure', '--no-check'));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad certificate-untrusted secure'] });
  expect(saidOf(found, 'certificate-untrusted')).toContain('it signed its own certificate');
  expect(secure.heard).toEqual([]);
});

test('a workspace that cannot be reached', async () => {
  const home = await homes.copy();
  await home.run(addWords(`http://127.0.0.1:${await deadPort()}/mcp`, 'Away', '--no-check'));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad workspace-unreachable away'] });
  expect(saidOf(found, 'account')).toContain('Acme works');
});

test('a workspace that takes the connection and never answers does not hold up the others', async () => {
  const home = await homes.copy();
  await using silent = await startHostile();
  silent.on('/mcp', () => undefined);
  await home.run(addWords(`${silent.origin}/mcp`, 'Silent', '--no-check'));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad workspace-silent silent'] });
  expect(saidOf(found, 'account')).toContain('Acme works');
});

test('a local command that is not there', async () => {
  const home = await homes.copy();
  await home.run(['add', 'custom', '--label', 'Local', '--no-check', '--', '/nowhere/mcp-server']);
  expect(await home.doctor()).toMatchObject({ code: 3, troubles: ['bad command-fails local'] });
});

test('a sign-in that has ended', async () => {
  const home = await homes.copy();
  await home.run(addWords(homes.url, 'Ended', '--sign-in', 'oauth', '--no-check'));
  const file = home.paths.accounts;
  const document = JSON.parse(await readFile(file, 'utf8')) as {
    accounts: { slug: string; state: string; signInReason?: string }[];
  };
  const ended = document.accounts.find(({ slug }) => slug === 'ended');
  expect(ended).toMatchObject({ state: 'sign-in-needed' });
  Object.assign(ended ?? {}, { signInReason: 'ended' });
  await writeFile(file, JSON.stringify(document));
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad sign-in-needed ended'] });
  expect(saidOf(found, 'sign-in-needed')).toContain('no longer accepts the saved sign-in');
  expect(saidOf(found, 'sign-in-needed')).toContain('gangway login ended');
  expect(saidOf(found, 'account')).toContain('Acme works');
});

test('a key that the workspace refuses now', async () => {
  const home = await homes.copy();
  const key = canary('generic');
  await using workspace = await startPlain({ name: 'keyed', tokens: { somebody: canary('generic') } });
  await home.run(addWords(workspace.url, 'Keyed', '--key-stdin', '--no-check'), `${key}\n`);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad sign-in-refused keyed'] });
  expect(saidOf(found, 'sign-in-refused')).toContain('gangway rotate keyed');
});

test('HV-28 variables that ask for less than checked certificates, or name one that is not there, are said', async () => {
  await using home = await temporaryHome();
  const missing = `${home.path}/company.pem`;
  const machine = (environment: NodeJS.ProcessEnv) => ({ ...thisMachine(), environment });
  expect(await lookAtCertificates(machine({ NODE_EXTRA_CA_CERTS: missing }))).toMatchObject([
    { state: 'notice', id: 'certificates-unreadable', subject: missing },
  ]);
  await writeFile(missing, '');
  expect(await lookAtCertificates(machine({ NODE_EXTRA_CA_CERTS: missing }))).toEqual([]);
  expect(await lookAtCertificates(machine({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }))).toMatchObject([
    { state: 'notice', id: 'certificates-ignored', text: expect.stringContaining('all the same') },
  ]);
  expect(await lookAtCertificates(machine({}))).toEqual([]);
});
