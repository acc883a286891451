import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Eras } from '#bridge/upstream/eras.ts';
import { openWorkspace } from '#bridge/upstream/modern/open.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { startModern } from '../../workspaces/modern.ts';
import { startPlain } from '../../workspaces/plain.ts';
import { answerOf, ask, quickHttp, troubleOf, workspaceAt } from '../asking.ts';
import type { Scenario } from '../hostile.ts';
import { event, head, json, response, result, streamHead } from '../raw-http.ts';
import { openAt, requestFrom, requestWith, tell } from './asking.ts';
import { rpcError, type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

const MODERN = '{"supportedVersions":["2026-07-28"],"capabilities":{},"ttlMs":0,"cacheScope":"private"}';
const HELLO = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}';
const noSignal = () => new AbortController().signal;

describe('a workspace of the official SDK', () => {
  test.each(['modern', 'both'] as const)('that speaks %s is opened in the modern era', async (speaks) => {
    await using workspace = await startModern({ name: 'north', speaks });
    await using opened = await openAt(workspace.url);
    if (opened.era !== 'modern') throw new Error('not modern');
    const answer = answerOf(await tell(opened.channel, requestWith('tools/list')));
    expect(JSON.stringify(answer)).toContain('dispatch');
  });

  test('that speaks legacy only is opened with a handshake', async () => {
    await using workspace = await startModern({ speaks: 'legacy' });
    await using opened = await openAt(workspace.url);
    if (opened.era !== 'legacy') throw new Error('not legacy');
    answerOf(await ask(opened.channel, 'initialize', { params: HELLO }));
    expect(workspace.openSessions).toBe(1);
  });

  test('with sessions of its own is opened with a handshake', async () => {
    await using workspace = await startPlain();
    await using opened = await openAt(workspace.url);
    expect(opened.era).toBe('legacy');
    expect(workspace.openSessions).toBe(0);
  });
});

test('the probe is a proper request of the modern era', async () => {
  const { url, heard } = scripted.serve((one, socket) => void socket.write(json(result(one.id, MODERN))));
  await using opened = await openAt(url);
  expect(opened.era).toBe('modern');
  const [probe] = heard();
  expect(probe?.headers).toMatchObject({
    'mcp-method': 'server/discover',
    'mcp-protocol-version': '2026-07-28',
    authorization: expect.stringMatching(/^Bearer /),
  });
  expect(requestFrom(probe?.body ?? '').params).toEqual({
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': {
        name: 'gangway',
        title: 'Gangway',
        version: expect.any(String),
      },
    },
  });
});

describe('the era that an answer proves', () => {
  test.each<[string, Scenario, 'legacy' | 'modern']>([
    ['a stream', (one, socket) => void socket.end(streamHead() + event(result(one.id, MODERN))), 'modern'],
    ['a modern error', (one, socket) => void socket.write(response(400, rpcError(one.id, -32021))), 'modern'],
    [
      'a modern error without an id',
      (_, socket) => void socket.write(response(400, rpcError('null', -32022))),
      'modern',
    ],
    [
      'a list of older versions',
      (one, socket) =>
        void socket.write(response(400, rpcError(one.id, -32022, ',"data":{"supported":["2025-11-25"]}'))),
      'legacy',
    ],
    ['no such method', (one, socket) => void socket.write(json(rpcError(one.id, -32601))), 'legacy'],
    ['no session', (_, socket) => void socket.write(response(400, rpcError('null', -32000))), 'legacy'],
    [
      'an error of somebody else',
      (_, socket) => void socket.write(response(400, rpcError('"server-error"', -32600))),
      'legacy',
    ],
    ['404', (_, socket) => void socket.write(response(404)), 'legacy'],
    [
      '405 in HTML',
      (_, socket) => void socket.write(response(405, '<html>', { 'content-type': 'text/html' })),
      'legacy',
    ],
  ])('%s', async (_, scenario, era) => {
    const { url, heard } = scripted.serve(scenario);
    const eras = new Eras();
    const workspace = workspaceAt(url);
    for (let count = 0; count < 2; count += 1) {
      await using opened = await openAt(url, { eras, workspace });
      expect(opened.era).toBe(era);
    }
    expect(eras.speaks(workspace.account, 'modern')).toBe(era === 'modern');
    expect(heard()).toHaveLength(1);
  });

  test.each<[string, Scenario, ErrorCode]>([
    ['401', (_, socket) => void socket.write(response(401)), 'sign-in-needed'],
    ['403', (_, socket) => void socket.write(response(403)), 'refused'],
    ['429', (_, socket) => void socket.write(response(429, '', { 'retry-after': '60' })), 'wait'],
    ['500', (_, socket) => void socket.write(response(500)), 'bad-answer'],
    [
      '500 in JSON-RPC',
      (one, socket) => void socket.write(response(500, rpcError(one.id, -32603))),
      'bad-answer',
    ],
    [
      'a moved address',
      (_, socket) => void socket.write(response(307, '', { location: '/there' })),
      'bad-answer',
    ],
    [
      'a page for people',
      (_, socket) => void socket.write(response(200, '<html>', { 'content-type': 'text/html' })),
      'bad-answer',
    ],
    ['a broken connection', (_, socket) => void socket.destroy(), 'outcome-unknown'],
    [
      'a body that is cut off',
      (_, socket) => void socket.end(`${head(200, { 'content-type': 'application/json' })}{"js`),
      'outcome-unknown',
    ],
    ['a stream without an answer', (_, socket) => void socket.end(streamHead()), 'outcome-unknown'],
  ])('is none with %s', async (_, scenario, code) => {
    const { url } = scripted.serve(scenario);
    const eras = new Eras();
    const workspace = workspaceAt(url);
    const error = await openAt(url, { eras, workspace }).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    troubleOf({ heard: [], error }, code);
    expect(eras.speaks(workspace.account, 'modern')).toBeUndefined();
  });

  test('is none when nothing listens there', async () => {
    const gone = await startScripted();
    const { url } = gone.serve(() => undefined);
    await gone[Symbol.asyncDispose]();
    const error = await openAt(url).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    troubleOf({ heard: [], error }, 'unreachable', false);
  });

  test('is none when nobody answers in time', async () => {
    const { url } = scripted.serve(() => undefined);
    await using http = quickHttp({ responseHeadMs: 50 });
    const error = await openAt(url, { http }).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    troubleOf({ heard: [], error }, 'timeout');
  });
});

test('HTTP+SSE is never asked', async () => {
  const { url, heard } = scripted.serve(() => undefined);
  await using opened = await openAt({ kind: 'sse', url });
  expect(opened.era).toBe('legacy');
  expect(heard()).toHaveLength(0);
});

describe('several who open one workspace at once', () => {
  test('share one probe', async () => {
    const { url, heard } = scripted.serve((one, socket) => void socket.write(json(result(one.id, MODERN))));
    const eras = new Eras();
    await using http = quickHttp();
    const workspace = workspaceAt(url);
    const opened = await Promise.all([1, 2, 3].map(() => openWorkspace(workspace, http, eras, noSignal())));
    expect(opened.map(({ era }) => era)).toEqual(['modern', 'modern', 'modern']);
    expect(heard()).toHaveLength(1);
  });

  test('may leave one by one; the probe ends with the last', async () => {
    const closed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { url, heard } = scripted.serve((one, socket) => {
      if (one.nth > 1) return void socket.write(json(result(one.id, MODERN)));
      socket.on('close', () => closed.resolve());
      asked.resolve();
    });
    const eras = new Eras();
    await using http = quickHttp();
    const workspace = workspaceAt(url);
    const leavers = [new AbortController(), new AbortController()];
    const opening = leavers.map(({ signal }) => openWorkspace(workspace, http, eras, signal));
    await asked.promise;
    for (const [index, leaver] of leavers.entries()) {
      const reason = new Error(`leaver ${index}`);
      leaver.abort(reason);
      await expect(opening[index]).rejects.toBe(reason);
    }
    await closed.promise;
    expect((await openWorkspace(workspace, http, eras, noSignal())).era).toBe('modern');
    expect(heard()).toHaveLength(2);
  });

  test('all hear of its failure, and the next one asks again', async () => {
    const { url, heard } = scripted.serve((one, socket) => {
      socket.write(one.nth === 1 ? response(403) : json(result(one.id, MODERN)));
    });
    const eras = new Eras();
    await using http = quickHttp();
    const workspace = workspaceAt(url);
    const failed = await Promise.allSettled(
      [1, 2].map(() => openWorkspace(workspace, http, eras, noSignal())),
    );
    expect(failed).toMatchObject([{ reason: { code: 'refused' } }, { reason: { code: 'refused' } }]);
    expect((await openWorkspace(workspace, http, eras, noSignal())).era).toBe('modern');
    expect(heard()).toHaveLength(2);
  });
});
