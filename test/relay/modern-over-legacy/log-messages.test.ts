import { afterEach, expect, test, vi } from 'vitest';
import { answerJson } from '../../workspaces/arrival.ts';
import { startPlain } from '../../workspaces/plain.ts';
import { beginStream, shakesHands, startScripted, until } from '../scripted.ts';
import { ModernClient, said } from './modern-client.ts';

afterEach(() => void vi.useRealTimers());

const levels = (text: string): unknown => JSON.parse(text).params.level;

test('log messages reach only the requests that asked for them, from the level they asked for', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using client = new ModernClient(workspace.url);
  const log = { text: 'x', level: 'info' };
  const [silent, all, important] = await Promise.all([
    client.call('log', log),
    client.call('log', log, { logLevel: 'debug' }),
    client.call('log', log, { logLevel: 'error' }),
  ]);
  expect([silent, all, important].map(said)).toEqual(['w: logged', 'w: logged', 'w: logged']);
  expect([silent, all, important].map(({ events }) => events.length)).toEqual([0, 1, 0]);
  expect(all.events[0]).toMatchObject({
    method: 'notifications/message',
    params: { level: 'info', data: { text: 'x' } },
  });
});

test('the workspace is told a level when it changes, and never by requests that ask for none', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using client = new ModernClient(workspace.url);
  await client.call('echo', { text: 'x' });
  expect(workspace.requests.withMethod('logging/setLevel')).toEqual([]);
  for (const logLevel of ['error', 'error', 'debug']) await client.call('echo', { text: 'x' }, { logLevel });
  await client.call('echo', { text: 'x' });
  expect(workspace.requests.withMethod('logging/setLevel').map(({ text }) => levels(text))).toEqual([
    'error',
    'debug',
  ]);
});

test('while two wait, the more talkative level counts', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using client = new ModernClient(workspace.url);
  const slow = client.call('slow', { gate: 'g' }, { logLevel: 'debug' });
  await workspace.gates.reached('g');
  const { events } = await client.call('log', { text: 'x', level: 'info' }, { logLevel: 'error' });
  expect(events).toEqual([]);
  expect(workspace.requests.withMethod('logging/setLevel')).toHaveLength(1);
  workspace.gates.release('g');
  await slow;
});

test('a lost session has its level again', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using client = new ModernClient(workspace.url);
  await client.call('echo', { text: 'x' }, { logLevel: 'debug' });
  await workspace.forgetSessions();
  const { events } = await client.call('log', { text: 'x', level: 'debug' }, { logLevel: 'debug' });
  expect(events).toHaveLength(1);
});

test('a workspace that is silent about log levels holds up no call', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  await using workspace = await startScripted((arrival, response) => {
    if (shakesHands(arrival, response, 's') || arrival.rpc?.method === 'logging/setLevel') return;
    const answer = { jsonrpc: '2.0', id: arrival.rpc?.id, result: { content: [] } };
    answerJson(response, 200, answer);
  });
  await using client = new ModernClient(workspace.url);
  const leaving = new AbortController();
  const waiting = client.call('one', {}, { logLevel: 'debug', signal: leaving.signal });
  const isLevel = ({ rpc }: { rpc: { method: string | undefined } | undefined }): boolean =>
    rpc?.method === 'logging/setLevel';
  await workspace.requests.until(isLevel);
  expect(said(await client.call('two'))).toBe('');
  leaving.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  // What the workspace may not have heard is said again.
  const again = client.call('three', {}, { logLevel: 'debug' });
  await until(() => workspace.requests.all.filter(isLevel).length === 2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(said(await again)).toBe('');
});

test('a log message on the standing stream goes to the only call that runs, if it asked', async () => {
  const standing = Promise.withResolvers<(level: string) => void>();
  const answers = new Map<string, () => void>();
  await using workspace = await startScripted(
    (arrival, response) => {
      if (shakesHands(arrival, response, 's')) return;
      beginStream(response);
      const finish = (): void => {
        response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: arrival.rpc?.id, result: {} })}\n\n`);
      };
      if (arrival.rpc?.method === 'tools/call') answers.set(arrival.rpc.target ?? '', finish);
      else finish();
    },
    (_, response) => {
      beginStream(response);
      standing.resolve((level) => {
        const params = { level, data: level };
        response.write(
          `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params })}\n\n`,
        );
        response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: level, method: 'ping' })}\n\n`);
      });
    },
  );
  await using client = new ModernClient(workspace.url);
  await client.ask('server/discover');
  const log = await standing.promise;
  const told = async (level: string): Promise<void> => {
    log(level);
    await workspace.requests.until(({ text }) => text.includes(`"id":"${level}"`));
  };
  const one = client.call('one', {}, { logLevel: 'info' });
  await until(() => answers.has('one'));
  await told('debug');
  await told('info');
  const two = client.call('two', {}, { logLevel: 'info' });
  await until(() => answers.has('two'));
  await told('error');
  for (const finish of answers.values()) finish();
  expect((await one).events.map(({ params }) => params?.level)).toEqual(['info']);
  expect((await two).events).toEqual([]);
});
