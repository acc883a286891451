import { describe, expect, test } from 'vitest';
import { hasEnded, type SignInState } from '#contract/sign-in.ts';
import { signInByScript } from '../browser/scripted.ts';
import { json, PATHS, startHostile } from '../oauth/hostile.ts';
import { signInAs, statesOf, untilStep } from './person.ts';
import { answerMcp, type Stage, startStage } from './stage.ts';

type Question = Extract<SignInState, { step: 'asking' }>['question'];

/** Signs in and answers every question so; the questions come back beside the story. */
async function asked(stage: Stage, choice: 'continue' | 'cancel', slug = 'acme') {
  const questions: Question[] = [];
  const before: number[] = [];
  const story = await signInAs(stage.control, slug, {
    answer: ({ question }) => {
      questions.push(question);
      before.push(stage.server.seen.length);
      return choice;
    },
  });
  return { ...story, questions, before };
}

/** Nothing but metadata was asked for. */
function expectOnlyMetadata({ server }: Stage, path: string): void {
  expect(server.asked(path)).toEqual([]);
  expect(server.asked(PATHS.authorize)).toEqual([]);
}

describe('OA-01 a workspace that answers 401 and publishes no resource metadata', () => {
  async function startOld(): Promise<Stage> {
    const stage = await startStage();
    stage.server.on(PATHS.resource, (_, response) => json(response, {}, 404));
    stage.server.on(PATHS.mcp, ({ headers, body }, response) => {
      if (headers.authorization === undefined) response.writeHead(401).end();
      else answerMcp(response, body);
    });
    await stage.add();
    return stage;
  }

  test('is asked about, and nothing is sent to it when the person says no', async () => {
    await using stage = await startOld();
    const { last, steps, questions } = await asked(stage, 'cancel');
    expect(last).toEqual({ step: 'cancelled' });
    expect(steps).not.toContain('waiting');
    const host = new URL(stage.server.origin).host;
    expect(questions).toMatchObject([{ kind: 'legacy' }]);
    expect(questions[0]?.text).toContain(`${host} names no authorization server.`);
    expect(stage.server.asked(PATHS.server)).toEqual([]);
    expectOnlyMetadata(stage, PATHS.register);
    expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signIn: { legacy: false } });
  });

  test('is signed in to by the old method when the person says yes, and is not asked about again', async () => {
    await using stage = await startOld();
    const first = await asked(stage, 'continue');
    expect(first.last).toMatchObject({ step: 'done' });
    expect(first.questions).toHaveLength(1);
    expect(await stage.account()).toMatchObject({ state: 'ready', signIn: { kind: 'oauth', legacy: true } });
    const again = await asked(stage, 'cancel');
    expect(again.last).toMatchObject({ step: 'done' });
    expect(again.questions).toEqual([]);
  });

  test('but published some before is asked about as one that moved, too', async () => {
    await using stage = await startOld();
    await using other = await startHostile();
    const { server } = stage;
    server.on(PATHS.resource, server.resource({ authorization_servers: [other.origin] }));
    expect((await asked(stage, 'cancel')).last).toMatchObject({ step: 'done' });
    server.on(PATHS.resource, (_, response) => json(response, {}, 404));
    const { last, questions } = await asked(stage, 'continue');
    expect(questions.map(({ kind }) => kind)).toEqual(['legacy', 'moved']);
    expect(questions[1]?.text).toContain(new URL(other.origin).host);
    expect(last).toMatchObject({ step: 'done' });
  });

  test('but has trouble of its own is not taken for an old one', async () => {
    await using stage = await startOld();
    stage.server.on(PATHS.resource, (_, response) => void response.writeHead(500).end());
    const { last, questions } = await asked(stage, 'continue');
    expect(last).toMatchObject({ step: 'failed', code: 'unreachable' });
    expect(questions).toEqual([]);
    expectOnlyMetadata(stage, PATHS.register);
  });

  test('and asks for no sign-in at all is told so', async () => {
    await using stage = await startOld();
    stage.server.on(PATHS.mcp, ({ body }, response) => answerMcp(response, body));
    const { last, questions } = await asked(stage, 'continue');
    expect(last).toMatchObject({
      step: 'failed',
      code: 'refused',
      next: expect.stringContaining('no sign-in'),
    });
    expect(questions).toEqual([]);
  });
});

test('OA-14 a token endpoint that changes while the person signs in gets nothing; the recorded one is used', async () => {
  await using stage = await startStage();
  const { server } = stage;
  await stage.add();
  const { last } = await signInAs(stage.control, 'acme', {
    open: async (link) => {
      server.on(PATHS.server, server.metadata({ token_endpoint: `${server.origin}/elsewhere` }));
      return signInByScript(link);
    },
  });
  expect(last).toMatchObject({ step: 'done' });
  expect(server.asked(PATHS.token)).toHaveLength(1);
  expect(server.asked('/elsewhere')).toEqual([]);
});

describe('OA-13b an account with a sign-in, whose server', () => {
  test.each(['token_endpoint', 'revocation_endpoint'])(
    'names a %s on another origin, is asked about before anything goes there',
    async (endpoint) => {
      await using stage = await startStage();
      await using other = await startHostile();
      const { server } = stage;
      await stage.add();
      await signInAs(stage.control, 'acme');
      server.on(PATHS.server, server.metadata({ [endpoint]: `${other.origin}/new` }));
      other.on('/new', server.tokens());

      const refused = await asked(stage, 'cancel');
      expect(refused.last).toEqual({ step: 'cancelled' });
      expect(refused.questions.map(({ kind }) => kind)).toEqual(['moved']);
      const [from, to] = [new URL(server.origin).host, new URL(other.origin).host];
      expect(refused.questions[0]?.text).toContain(`sign in at ${to} instead of ${from}`);
      expect(other.seen).toEqual([]);
      expect(server.asked(PATHS.token)).toHaveLength(1);
      expect(await stage.account()).toMatchObject({ state: 'ready' });

      const agreed = await asked(stage, 'continue');
      expect(agreed.last).toMatchObject({ step: 'done' });
      expect(other.asked('/new')).toHaveLength(endpoint === 'token_endpoint' ? 1 : 0);
    },
  );

  test('names another path on the same origin, is signed in to and renewed there', async () => {
    await using stage = await startStage();
    const { server, control } = stage;
    await stage.add();
    await signInAs(control, 'acme');
    const endpoints = {
      token_endpoint: `${server.origin}/token/2`,
      revocation_endpoint: `${server.origin}/revoke/2`,
    };
    server.on(PATHS.server, server.metadata(endpoints));
    const latest: string[] = [];
    const grant = (): Record<string, unknown> => {
      const tokens = server.tokens();
      latest.push(`Bearer ${String(tokens.access_token)}`);
      return tokens;
    };
    server.on('/token/2', (_, response) => json(response, grant()));
    server.on('/revoke/2', (_, response) => void response.writeHead(200).end());
    const { last, questions } = await asked(stage, 'cancel');
    expect(last).toMatchObject({ step: 'done' });
    expect(questions).toEqual([]);
    server.on(PATHS.mcp, ({ headers, body }, response) => {
      // The first token of the new endpoint is refused from now on.
      if (headers.authorization === latest[0]) response.writeHead(401).end();
      else answerMcp(response, body);
    });
    await control.accounts.check({ account: 'acme' });
    expect(server.asked('/token/2').map(({ form }) => form.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
    await control.signIn.signOut({ account: 'acme' });
    expect(server.asked('/revoke/2')).toHaveLength(2);
    expect([server.asked(PATHS.token).length, server.asked(PATHS.revoke).length]).toEqual([1, 0]);
  });
});

test('OA-33 the client of one issuer is never sent to another, which is asked about and registered with anew', async () => {
  await using stage = await startStage();
  await using other = await startHostile();
  const { server } = stage;
  await stage.add();
  await signInAs(stage.control, 'acme');
  server.on(PATHS.resource, server.resource({ authorization_servers: [other.origin] }));
  other.on(PATHS.register, ({ body }, response) => {
    json(response, { ...(JSON.parse(body) as object), client_id: 'of-the-other' }, 201);
  });
  other.on(PATHS.token, (_, response) => json(response, server.tokens()));
  const refused = await asked(stage, 'cancel');
  expect(refused.questions.map(({ kind }) => kind)).toEqual(['moved']);
  expect(other.seen.map(({ method }) => method)).toEqual(['GET']);
  const agreed = await asked(stage, 'continue');
  expect(agreed.last).toMatchObject({ step: 'done' });
  expect(other.asked(PATHS.register)).toHaveLength(1);
  for (const { target, body } of other.seen) expect(`${target} ${body}`).not.toContain('client-1');
  expect(server.asked(PATHS.token)).toHaveLength(1);
  expect(await stage.account()).toMatchObject({ grant: { issuer: other.origin } });
});

test('a client id that a person entered is never shown to another issuer, whatever they answer', async () => {
  await using stage = await startStage();
  await using other = await startHostile();
  await stage.add('Acme', { clientId: 'entered-by-hand' });
  expect((await signInAs(stage.control, 'acme')).last).toMatchObject({ step: 'done' });
  stage.server.on(PATHS.resource, stage.server.resource({ authorization_servers: [other.origin] }));
  const { last, steps } = await asked(stage, 'continue');
  expect(last).toMatchObject({ step: 'failed', code: 'refused' });
  expect(steps).not.toContain('waiting');
  expect(other.seen.map(({ method, body }) => [method, body])).toEqual([['GET', '']]);
});

test('OA-20 no link is ever shown for an authorization endpoint that is no page to sign in at', async () => {
  await using stage = await startStage();
  const { server, control } = stage;
  await stage.add();
  for (const endpoint of [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'smb://host/share',
    'ms-msdt:/id',
    'search-ms:query=x',
    'vscode://x',
    'gangway://x',
    'intent:x',
    'about:blank',
    `blob:${server.origin}/x`,
    `view-source:${server.origin}/authorize`,
    'mailto:a@example.com',
    '\\\\evil\\share',
    '//evil',
  ]) {
    server.on(PATHS.server, server.metadata({ authorization_endpoint: endpoint }));
    const { id } = await stage.start();
    const states: SignInState[] = [];
    for await (const state of statesOf(control, id)) {
      states.push(state);
      if (hasEnded(state)) break;
    }
    expect(states.at(-1), endpoint).toMatchObject({ step: 'failed', code: 'refused' });
    expect(states.map(({ step }) => step)).not.toContain('waiting');
    expect(JSON.stringify(states)).not.toContain(JSON.stringify(endpoint).slice(1, -1));
  }
  expect(server.asked(PATHS.register)).toEqual([]);
});

describe('OA-24 a sign-in page at an address that people cannot read as a name', () => {
  test.each([
    ['https://xn--pple-43d.example/authorize', 'xn--pple-43d.example', 'letters that can look like others'],
    ['https://203.0.113.7/authorize', '203.0.113.7', 'a number instead of a name'],
    ['http://10.20.30.40:8080/authorize', '10.20.30.40:8080', 'a number instead of a name'],
  ])('%s is shown as %s and needs a second click', async (endpoint, host, because) => {
    await using stage = await startStage();
    const { server, control } = stage;
    await stage.add('Acme', { ownNetwork: true });
    server.on(PATHS.server, server.metadata({ authorization_endpoint: endpoint }));
    const { id } = await stage.start();
    const { question } = await untilStep(control, id, 'asking');
    expect(question.kind).toBe('unusual-host');
    expect(question.text).toContain(host);
    expect(question.text).toContain(because);
    await control.signIn.answer({ id, choice: 'continue' });
    expect(await untilStep(control, id, 'waiting')).toMatchObject({
      host,
      link: expect.stringContaining(`//${host}/authorize?`),
    });
    await control.signIn.cancel({ id });

    const again = await signInAs(control, 'acme', { open: async () => expect.unreachable() });
    expect(again.last).toEqual({ step: 'cancelled' });
    expect(again.steps).not.toContain('waiting');
  });
});
