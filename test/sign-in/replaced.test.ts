import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { failure } from '../flows/world.ts';
import { json, PATHS } from '../oauth/hostile.ts';
import { signInAs } from './person.ts';
import { answerMcp, startStage } from './stage.ts';

const isInitialize = (body: string): boolean => body.includes('"initialize"');

test('a check that was overtaken by a new sign-in does not count against it', async () => {
  await using stage = await startStage();
  const { server, control } = stage;
  await stage.add();
  await signInAs(control, 'acme');
  const leaving = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  let isBad = true;
  server.on(PATHS.token, (_, response) => json(response, { error: 'invalid_grant' }, 400));
  server.on(PATHS.mcp, async ({ method, body, headers }, response) => {
    if (method === 'DELETE') {
      // The check has its bad news by now, and tells them when the session is ended.
      if (isBad) {
        leaving.resolve();
        await letGo.promise;
      }
      response.writeHead(200).end();
      return;
    }
    if (!headers.authorization) {
      const challenge = `Bearer resource_metadata="${server.origin}${PATHS.resource}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    } else if (isBad && body.includes('"tools/list"')) response.writeHead(401).end();
    else {
      if (isInitialize(body)) response.setHeader('mcp-session-id', 'one');
      answerMcp(response, body);
    }
  });
  const checking = failure(control.accounts.check({ account: 'acme' }));
  await leaving.promise;
  isBad = false;
  server.behave(PATHS.token);
  expect((await signInAs(control, 'acme')).last.step).toBe('done');
  letGo.resolve();
  expect((await checking).message).toBe(
    'Acme got another sign-in or key while it was checked. Check it again.',
  );
  expect(await stage.account()).toMatchObject({ state: 'ready' });
  expect((await stage.account()).signInReason).toBeUndefined();
});

test('a sign-out ends what clients have open there', async () => {
  await using stage = await startStage();
  const { server, control } = stage;
  await stage.add();
  await signInAs(control, 'acme');
  const opened = Promise.withResolvers<ServerResponse>();
  server.on(PATHS.mcp, async ({ method, body, headers }, response) => {
    if (!headers.authorization) response.writeHead(401).end();
    else if (method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
      opened.resolve(response);
    } else {
      if (isInitialize(body)) response.setHeader('mcp-session-id', 'one');
      answerMcp(response, body);
    }
  });
  const client = await stage.world.connect('http', 'acme');
  await client.listTools();
  const stream = await opened.promise;
  const closed = vi.fn();
  stream.on('close', closed);
  await control.signIn.signOut({ account: 'acme' });
  await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), { timeout: 10_000 });
});
