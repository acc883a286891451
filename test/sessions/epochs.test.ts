import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { Notices } from '../flows/notices.ts';
import { json, PATHS, type Seen } from '../oauth/hostile.ts';
import { signInAs } from '../sign-in/person.ts';
import { answerMcp, type Stage, startStage } from '../sign-in/stage.ts';

/** Which session each request named, by the credential it came with. */
const heard = new Map<string, Set<string>>();
let stage: Stage;
let opened: number;

beforeEach(async () => {
  heard.clear();
  opened = 0;
  stage = await startStage();
  stage.server.on(PATHS.mcp, ({ method, headers, body }, response) => {
    note(headers);
    if (headers.authorization === undefined) {
      const metadata = `${stage.server.origin}${PATHS.resource}`;
      const challenge = { 'www-authenticate': `Bearer resource_metadata="${metadata}"` };
      return void response.writeHead(401, challenge).end();
    }
    if (method !== 'POST') return void response.writeHead(method === 'GET' ? 405 : 200).end();
    if (body.includes('"initialize"')) {
      opened += 1;
      response.setHeader('mcp-session-id', `session-${opened}`);
    }
    answerMcp(response, body);
  });
});

afterEach(() => stage[Symbol.asyncDispose]());

function note({ authorization, 'mcp-session-id': session }: Seen['headers']): void {
  if (typeof authorization !== 'string' || typeof session !== 'string') return;
  heard.set(authorization, (heard.get(authorization) ?? new Set()).add(session));
}

function sessionsOf(credential: string): string[] {
  return [...(heard.get(`Bearer ${credential}`) ?? [])];
}

function expectApart(first: string, second: string): void {
  expect(sessionsOf(first)).not.toEqual([]);
  expect(sessionsOf(second)).not.toEqual([]);
  expect(sessionsOf(first).filter((session) => sessionsOf(second).includes(session))).toEqual([]);
}

/** The next sign-in is granted this access token. */
function granting(token: string): string {
  stage.server.on(PATHS.token, (_, response) => {
    json(response, stage.server.tokens({ access_token: token }));
  });
  return token;
}

/** A connected client goes on after its account's credential became another one, and is told to read its lists. */
async function goesOnAfter(replace: () => Promise<unknown>): Promise<void> {
  const notices = new Notices();
  const client = await stage.world.connect('stdio', 'acme', notices.listen);
  await client.listTools();
  const told = notices.told('tools');
  await replace();
  await notices.atLeast('tools', told + 1);
  expect((await client.listTools()).tools).toHaveLength(1);
  await client.close();
}

describe('AC-03 where nobody names who a credential speaks as, no session is gone on with by another', () => {
  test('after a sign-out and a sign-in as somebody else', async () => {
    const [first, second] = [canary('bearer'), canary('bearer')];
    await stage.add();
    granting(first);
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    await goesOnAfter(async () => {
      await stage.control.signIn.signOut({ account: 'acme' });
      granting(second);
      expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    });
    expectApart(first, second);
  });

  test('after a second sign-in without a sign-out', async () => {
    const [first, second] = [canary('bearer'), canary('bearer')];
    await stage.add();
    granting(first);
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    await goesOnAfter(async () => {
      granting(second);
      expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    });
    expectApart(first, second);
  });

  test('after another key', async () => {
    const [first, second] = [canary('generic'), canary('generic')];
    await stage.add('Acme', { signIn: 'key', key: first });
    await goesOnAfter(() => stage.control.accounts.rotateKey({ account: 'acme', key: second }));
    expectApart(first, second);
  });
});
