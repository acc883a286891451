import { describe, expect, test, vi } from 'vitest';
import { canary } from '../canary/canary.ts';
import { failure } from '../flows/world.ts';
import { json, PATHS, type Seen } from '../oauth/hostile.ts';
import { signInAs, untilStep } from './person.ts';
import { parametersOf, type Stage, startStage } from './stage.ts';

const DOCUMENT = 'https://gangway.example/mcp/client.json';
const HOUR_S = 3600;

/** Client ids in the order in which people were sent to sign in, or tokens were asked for. */
const sentTo = ({ server }: Stage, path: string): (string | null)[] =>
  server
    .asked(path)
    .map(
      ({ target, form }) =>
        new URL(target, server.origin).searchParams.get('client_id') ?? form.get('client_id'),
    );

const refuses = (id: string, stage: Stage) => (seen: Seen, response: Parameters<typeof json>[0]) => {
  if (seen.form.get('client_id') === id) json(response, { error: 'invalid_client' }, 401);
  else json(response, stage.server.tokens());
};

describe('OA-32 a server that says it takes client id metadata documents', () => {
  async function startDocuments(): Promise<Stage> {
    const stage = await startStage();
    const { server } = stage;
    server.on(PATHS.server, server.metadata({ client_id_metadata_document_supported: true }));
    await stage.add('Acme', { clientMetadataUrl: DOCUMENT });
    await stage.add('Beta', { clientMetadataUrl: DOCUMENT });
    return stage;
  }

  test('and does, gets the address of one and no registration', async () => {
    await using stage = await startDocuments();
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    expect(sentTo(stage, PATHS.authorize)).toEqual([DOCUMENT]);
    expect(stage.server.asked(PATHS.register)).toEqual([]);
  });

  test('but answers invalid_client at its token endpoint, is registered with once, and that is remembered', async () => {
    await using stage = await startDocuments();
    stage.server.on(PATHS.token, refuses(DOCUMENT, stage));
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    expect((await signInAs(stage.control, 'beta')).last.step).toBe('done');
    expect(sentTo(stage, PATHS.authorize)).toEqual([DOCUMENT, 'client-1', 'client-1']);
    expect(stage.server.asked(PATHS.register)).toHaveLength(1);
  });

  test('but sends the browser back with invalid_client, is registered with in the same sign-in', async () => {
    await using stage = await startDocuments();
    const { server } = stage;
    let visits = 0;
    server.on(PATHS.authorize, ({ target }, response) => {
      visits += 1;
      const asked = new URL(target, server.origin).searchParams;
      const answer = visits === 1 ? { error: 'unauthorized_client' } : { code: 'a-code' };
      const query = new URLSearchParams({ ...answer, state: asked.get('state') ?? '', iss: server.origin });
      response.writeHead(302, { location: `${asked.get('redirect_uri')}?${query}` }).end();
    });
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    expect(sentTo(stage, PATHS.authorize)).toEqual([DOCUMENT, 'client-1']);
  });

  test('but shows a page of its own that leads nowhere, is registered with at the next sign-in', async () => {
    await using stage = await startDocuments();
    stage.server.on(
      PATHS.authorize,
      (_, response) => void response.writeHead(400).end('redirect_uri mismatch'),
    );
    const { id } = await stage.start();
    const { link } = await untilStep(stage.control, id, 'waiting');
    expect(parametersOf(link).client_id).toBe(DOCUMENT);
    expect((await fetch(link)).status).toBe(400);
    await stage.control.signIn.cancel({ id });
    stage.server.behave(PATHS.authorize);
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    expect(sentTo(stage, PATHS.authorize)).toEqual([DOCUMENT, 'client-1']);
  });

  test('and takes no registration either, ends with what to do', async () => {
    await using stage = await startDocuments();
    const { server } = stage;
    const without = { client_id_metadata_document_supported: true, registration_endpoint: undefined };
    server.on(PATHS.server, server.metadata(without));
    server.on(PATHS.token, refuses(DOCUMENT, stage));
    expect((await signInAs(stage.control, 'acme')).last).toMatchObject({
      step: 'failed',
      code: 'refused',
      next: 'Register Gangway there, then add the account with --client-id.',
    });
  });
});

describe('OA-34 a registered client whose secret', () => {
  async function startSecret(lifetimes: readonly number[]): Promise<Stage> {
    const stage = await startStage();
    const { server } = stage;
    const left = [...lifetimes];
    server.on(
      PATHS.server,
      server.metadata({ token_endpoint_auth_methods_supported: ['client_secret_post'] }),
    );
    server.on(PATHS.register, ({ body }, response) => {
      const number = lifetimes.length - left.length + 1;
      const end = Math.floor(Date.now() / 1000) + (left.shift() ?? 0);
      const secret = { client_secret: canary('generic'), client_secret_expires_at: end };
      json(response, { ...(JSON.parse(body) as object), client_id: `client-${number}`, ...secret }, 201);
    });
    await stage.add('Acme');
    await stage.add('Beta');
    return stage;
  }

  test.each([
    ['ends within a day is registered anew ahead', 2 * HOUR_S, ['client-1', 'client-2']],
    ['lasts is used for the next account as well', 48 * HOUR_S, ['client-1', 'client-1']],
  ])('%s', async (_, lifetime, clients) => {
    await using stage = await startSecret([lifetime, 48 * HOUR_S]);
    for (const slug of ['acme', 'beta']) {
      expect((await signInAs(stage.control, slug)).last.step).toBe('done');
    }
    expect(sentTo(stage, PATHS.token)).toEqual(clients);
    expect(stage.server.asked(PATHS.register)).toHaveLength(new Set(clients).size);
  });

  test('ended in the middle leads to one sign-in, which registers anew', async () => {
    await using stage = await startSecret([48 * HOUR_S, 48 * HOUR_S]);
    const { server, control } = stage;
    await signInAs(control, 'acme');
    server.on(PATHS.token, refuses('client-1', stage));
    server.on(PATHS.mcp, (_, response) => void response.writeHead(401).end());
    const client = await stage.world.connect('http', 'acme');
    expect(await failure(client.listTools())).toMatchObject({ code: -31001 });
    // The client hears of it before the list of accounts is saved.
    await vi.waitFor(async () => {
      expect(await stage.account()).toMatchObject({ state: 'sign-in-needed', signInReason: 'client-lost' });
    });
    server.behave(PATHS.mcp);
    expect((await signInAs(control, 'acme')).last.step).toBe('done');
    expect(sentTo(stage, PATHS.authorize)).toEqual(['client-1', 'client-2']);
    expect(await stage.account()).toMatchObject({ state: 'ready' });
  });
});

describe('TK-13 a token endpoint that answers invalid_client', () => {
  test('once leads to one new registration, and the sign-in goes through', async () => {
    await using stage = await startStage();
    await stage.add();
    stage.server.on(PATHS.token, refuses('client-1', stage));
    expect((await signInAs(stage.control, 'acme')).last.step).toBe('done');
    expect(stage.server.asked(PATHS.register)).toHaveLength(2);
    expect(sentTo(stage, PATHS.token)).toEqual(['client-1', 'client-2']);
  });

  test('always ends the sign-in after one new registration', async () => {
    await using stage = await startStage();
    await stage.add();
    stage.server.on(PATHS.token, (_, response) => json(response, { error: 'invalid_client' }, 401));
    const { last } = await signInAs(stage.control, 'acme');
    expect(last).toMatchObject({
      step: 'failed',
      message: expect.stringContaining('does not recognise Gangway, even newly registered.'),
    });
    expect(stage.server.asked(PATHS.register)).toHaveLength(2);
  });

  test('to a client id that a person entered is said and registers nothing', async () => {
    await using stage = await startStage();
    const clientSecret = canary('generic');
    await stage.add('Acme', { clientId: 'entered-by-hand', clientSecret });
    stage.server.on(PATHS.token, (_, response) => json(response, { error: 'invalid_client' }, 401));
    const { last } = await signInAs(stage.control, 'acme');
    expect(last).toMatchObject({ step: 'failed', code: 'sign-in-needed' });
    expect(stage.server.asked(PATHS.register)).toEqual([]);
    expect(stage.server.asked(PATHS.token)).toHaveLength(1);
  });
});
