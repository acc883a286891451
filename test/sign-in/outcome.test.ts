import { describe, expect, test, vi } from 'vitest';
import { failure } from '../flows/world.ts';
import { type HostileServer, json, PATHS } from '../oauth/hostile.ts';
import { jwt } from '../oauth/token-steps.ts';
import { signInAs } from './person.ts';
import { answerMcp, startStage } from './stage.ts';

/** Sends the browser back with these parameters instead of a code. */
function answerWith(server: HostileServer, answers: readonly (Record<string, string> | undefined)[]): void {
  const left = [...answers];
  server.on(PATHS.authorize, ({ target }, response) => {
    const asked = new URL(target, server.origin).searchParams;
    const answer = left.length > 1 ? left.shift() : left[0];
    const common = { state: asked.get('state') ?? '', iss: server.origin };
    const query = new URLSearchParams({ ...common, ...(answer ?? { code: 'a-code' }) });
    response.writeHead(302, { location: `${asked.get('redirect_uri')}?${query}` }).end();
  });
}

const scopesAsked = (server: HostileServer): (string | null)[] =>
  server.asked(PATHS.authorize).map(({ target }) => new URL(target, server.origin).searchParams.get('scope'));

test('TK-05 without a refresh token it works until the token is over; that is said beforehand', async () => {
  await using stage = await startStage();
  const { server } = stage;
  await stage.add();
  let bearer = '';
  server.on(PATHS.token, (_, response) => {
    const tokens = server.tokens({ refresh_token: undefined });
    bearer = `Bearer ${String(tokens.access_token)}`;
    json(response, tokens);
  });
  const { last } = await signInAs(stage.control, 'acme');
  expect(last).toMatchObject({
    step: 'done',
    notes: [
      'The server gave nothing to renew this sign-in with, so you will have to sign in again when it runs out.',
    ],
  });
  expect(await stage.account()).toMatchObject({ state: 'ready', grant: { renewable: false } });
  const client = await stage.world.connect('http', 'acme');
  expect((await client.listTools()).tools).toHaveLength(1);
  server.on(PATHS.mcp, ({ headers, body }, response) => {
    if (headers.authorization === bearer) response.writeHead(401).end();
    else answerMcp(response, body);
  });
  expect(await failure(client.listTools())).toMatchObject({ code: -31001 });
  // The client hears of it before the list of accounts is saved.
  await vi.waitFor(async () => expect(await stage.account()).toMatchObject({ state: 'sign-in-needed' }));
  expect(server.asked(PATHS.token)).toHaveLength(1);
});

test.each([
  ['narrower', 'read', 'read', ['Not granted: write.']],
  ['wider', 'read write admin', 'read write admin', []],
  ['different', 'other', 'other', ['Not granted: read write.']],
  ['absent', undefined, 'read write', []],
])(
  'TK-09 a scope that is %s than asked for is stored, and what is missing is shown',
  async (_, scope, stored, notes) => {
    await using stage = await startStage();
    const { server } = stage;
    server.on(PATHS.resource, server.resource({ scopes_supported: ['read', 'write'] }));
    server.on(PATHS.token, (_seen, response) => json(response, server.tokens({ scope })));
    await stage.add();
    const { last } = await signInAs(stage.control, 'acme');
    expect(scopesAsked(server)).toEqual(['read write']);
    expect(last).toMatchObject({ step: 'done', notes });
    expect(await stage.account()).toMatchObject({ grant: { scope: stored } });
  },
);

describe('a server that refuses the scope it named itself', () => {
  async function startScoped() {
    const stage = await startStage();
    stage.server.on(PATHS.resource, stage.server.resource({ scopes_supported: ['read'] }));
    await stage.add();
    return stage;
  }

  test('is asked without one only when the person says so', async () => {
    await using stage = await startScoped();
    answerWith(stage.server, [{ error: 'invalid_scope' }, undefined]);
    const questions: string[] = [];
    const { last } = await signInAs(stage.control, 'acme', {
      answer: ({ question }) => {
        questions.push(question.kind);
        return 'continue';
      },
    });
    expect(last).toMatchObject({ step: 'done' });
    expect(questions).toEqual(['no-scope']);
    expect(scopesAsked(stage.server)).toEqual(['read', null]);
    expect(await stage.account()).toMatchObject({ grant: expect.not.objectContaining({ scope: 'read' }) });
  });

  test('is not asked again when the person says no', async () => {
    await using stage = await startScoped();
    answerWith(stage.server, [{ error: 'invalid_scope' }]);
    expect((await signInAs(stage.control, 'acme')).last).toEqual({ step: 'cancelled' });
    expect(scopesAsked(stage.server)).toEqual(['read']);
    expect(stage.server.asked(PATHS.token)).toEqual([]);
  });

  test('and every other choice is asked twice at most', async () => {
    await using stage = await startScoped();
    answerWith(stage.server, [{ error: 'invalid_scope' }]);
    const { last } = await signInAs(stage.control, 'acme', { answer: () => 'continue' });
    expect(last).toMatchObject({ step: 'failed', code: 'refused' });
    expect(last).toMatchObject({ message: expect.stringContaining('refuses every choice of permissions.') });
    expect(scopesAsked(stage.server)).toEqual(['read', null]);
  });
});

test("LP-05 access_denied is the person's choice, and the account stays as it was", async () => {
  await using stage = await startStage();
  await stage.add();
  await signInAs(stage.control, 'acme');
  const before = await stage.account();
  answerWith(stage.server, [{ error: 'access_denied', error_description: 'Not today.' }]);
  const { last, page } = await signInAs(stage.control, 'acme');
  expect(last).toMatchObject({ step: 'failed', message: 'You chose not to allow access.' });
  expect(page?.text).toContain('You chose not to allow access');
  expect(await stage.account()).toEqual(before);
  expect((await (await stage.world.connect('http', 'acme')).listTools()).tools).toHaveLength(1);
});

test.each([
  ['a script', '<script>alert(1)</script>', 'x'],
  ['many thousand characters', 'server_error', 'y'.repeat(7000)],
  ['other directions of writing', 'server_error', 'abc\u202edef\u2066ghi'],
  ['line breaks and terminal codes', 'server_error', 'abc\r\ndef\u001b[31mghi\u0007'],
])(
  'LP-06 words of a server with %s are cut and cleaned, and the page shows none of them',
  async (_, error, description) => {
    await using stage = await startStage();
    await stage.add();
    answerWith(stage.server, [{ error, error_description: description }]);
    const { last, page } = await signInAs(stage.control, 'acme');
    if (last.step !== 'failed') return expect.unreachable();
    expect(last.message).toContain(' did not sign you in. It says: "');
    expect(last.message.length).toBeLessThanOrEqual(300);
    expect(last.message).toMatch(/^\P{C}*$/u);
    for (const word of [error, 'alert', 'abc', 'yyy']) expect(page?.text).not.toContain(word);
  },
);

describe('when the workspace cannot say who signed in', () => {
  const broken = (server: HostileServer): void =>
    server.on(PATHS.mcp, ({ headers }, response) => {
      const challenge = `Bearer resource_metadata="${server.origin}${PATHS.resource}"`;
      if (headers.authorization) response.writeHead(500).end();
      else response.writeHead(401, { 'www-authenticate': challenge }).end();
    });

  test('a first sign-in is stored, with a note', async () => {
    await using stage = await startStage();
    await stage.add();
    broken(stage.server);
    const { last } = await signInAs(stage.control, 'acme');
    expect(last).toMatchObject({
      step: 'done',
      who: 'somebody the workspace could not name yet',
      notes: [expect.stringMatching(/^Signed in, but the workspace could not be asked who you are: /)],
    });
    expect(stage.server.asked(PATHS.revoke)).toEqual([]);
    expect(await stage.account()).toMatchObject({ state: 'ready', grant: { renewable: true } });
    stage.server.behave(PATHS.mcp);
    expect((await stage.control.accounts.check({ account: 'acme' })).account).toMatchObject({
      identity: { server: 'hostile' },
    });
  });

  test('but the authorization server can, a known identity is compared with that', async () => {
    await using stage = await startStage();
    const { server, control } = stage;
    let sub = 'ann';
    server.on(PATHS.token, (_, response) => {
      json(response, server.tokens({ id_token: jwt({ sub, name: sub }) }));
    });
    await stage.add();
    expect((await signInAs(control, 'acme')).last.step).toBe('done');
    broken(server);
    expect((await signInAs(control, 'acme')).last).toMatchObject({ step: 'done', who: 'ann' });
    sub = 'bob';
    expect((await signInAs(control, 'acme')).last).toMatchObject({ step: 'failed', code: 'conflict' });
    expect(await stage.account()).toMatchObject({ state: 'ready', identity: { summary: 'ann at hostile' } });
  });

  test('and nobody else can, a known identity is not replaced, and its sign-in is not ended', async () => {
    await using stage = await startStage();
    const { server, control } = stage;
    await stage.add();
    server.on(PATHS.token, (_, response) => {
      json(response, server.tokens({ id_token: jwt({ sub: 'ann', name: 'Ann' }) }));
    });
    await signInAs(control, 'acme');
    const before = await stage.account();
    server.behave(PATHS.token);
    broken(server);
    expect((await signInAs(control, 'acme')).last).toMatchObject({
      step: 'failed',
      code: 'conflict',
      message: expect.stringContaining('did not say who signed in now. Nothing was stored.'),
    });
    expect(server.asked(PATHS.revoke)).toEqual([]);
    expect(await stage.account()).toEqual(before);
  });

  test('because it refuses the fresh token, nothing is stored, and the tokens are given back', async () => {
    await using stage = await startStage();
    await stage.add();
    const { server } = stage;
    server.on(PATHS.mcp, (_, response) => {
      const challenge = `Bearer resource_metadata="${server.origin}${PATHS.resource}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect((await signInAs(stage.control, 'acme')).last).toMatchObject({
      step: 'failed',
      code: 'refused',
      message: 'Acme: the workspace does not accept the sign-in that its own server just granted.',
    });
    expect(server.asked(PATHS.revoke)).toHaveLength(2);
    expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signInReason: 'never' });
  });
});
