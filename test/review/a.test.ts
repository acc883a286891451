import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { accountFor, type Heard, Room, Seat } from '../relay/seat.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Reply } from '#bridge/relay/channel.ts';

let a: PlainWorkspace; let b: PlainWorkspace; let room: Room;
beforeEach(async () => {
  a = await startPlain({ name: 'a', resumable: true, retryMs: 500 });
  b = await startPlain({ name: 'b' });
  room = new Room([accountFor(a.url, 'account-a'), accountFor(b.url, 'account-b')]);
});
afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});
const A = () => room.list.accounts[0]!; const B = () => room.list.accounts[1]!;

/** scripted workspace */
async function script(handle: (rpc: any, req: IncomingMessage, res: ServerResponse) => void | Promise<void>) {
  const seen: any[] = [];
  const server = createServer(async (req, res) => {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const rpc = text ? JSON.parse(text) : undefined;
    seen.push({ http: req.method, rpc, session: req.headers['mcp-session-id'] });
    await handle(rpc, req, res);
  });
  server.listen(0, '127.0.0.1'); await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, seen, server,
    async [Symbol.asyncDispose]() { server.closeAllConnections(); server.close(); await once(server, 'close'); } };
}
const json = (res: ServerResponse, body: object, headers = {}) => { res.writeHead(200, { 'content-type': 'application/json', ...headers }); res.end(JSON.stringify(body)); };
const welcome = (id: unknown, extra = {}) => ({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {}, logging: {}, resources: { subscribe: true } }, serverInfo: { name: 's', version: '1' }, ...extra } });

test('R1 queued requests open no session after close', async () => {
  const seat = room.seat(); await seat.greet();
  const all = Array.from({ length: 70 }, (_, i) => seat.call('slow', { gate: 'g' }).catch(String));
  await a.gates.reached('g'); await wait(300);
  const before = a.openedSessions;
  await seat.session.close();
  await Promise.all(all); await wait(500);
  expect(a.openedSessions).toBe(before);
  expect(a.openSessions).toBe(0);
});

test('R2 drain timer of an old session closes the new one', async () => {
  const seat = room.seat(); await seat.greet();
  const running = seat.call('slow', { gate: 'g' }); await a.gates.reached('g');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  await room.use(B());
  vi.useRealTimers === undefined;
  a.gates.release('g'); await running;
  await room.use(A());
  expect(await seat.call('echo', { text: '1' })).toBe('a: 1');
  const opened = a.openedSessions;
  const again = seat.call('slow', { gate: 'h' }); await a.gates.reached('h');
  vi.advanceTimersByTime(10 * 60_000 + 1);
  vi.useRealTimers();
  await wait(200);
  expect(a.openSessions).toBe(1);
  a.gates.release('h'); expect(await again).toBe('a: done waiting');
  expect(a.openedSessions).toBe(opened);
});

test('R3 settle while the account has an obstacle', async () => {
  const seat = room.seat(); await seat.greet();
  room.health.observe(A().id, 429, 1, new Date());
  const bad = accountFor('http://127.0.0.1:1/mcp', 'bad');
  await expect(room.sessions.warm({ ...room.list, current: bad.id, accounts: [...room.list.accounts, bad] })).rejects.toThrow();
  await wait(1100);
  for (let i = 0; i < 5; i++) expect(await seat.call('echo', { text: 'x' })).toBe('a: x');
  expect(a.openedSessions).toBe(1);
});

test('R4 session lost between initialize and initialized', async () => {
  const seat = room.seat();
  await seat.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 's', version: '1' } });
  await a.forgetSessions();
  await seat.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(await seat.call('echo', { text: 'x' })).toBe('a: x');
});

test('R5 an answer for a lost session is not given to the new one', async () => {
  let n = 0; let ask!: ServerResponse;
  await using s = await script((rpc, req, res) => {
    if (req.method !== 'POST') { res.writeHead(405).end(); return; }
    if (rpc.method === 'initialize') { n += 1; return json(res, welcome(rpc.id), { 'mcp-session-id': `s${n}` }); }
    if (rpc.method === 'tools/call') { ask = res; res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} })}\n\n`); return; }
    if (req.headers['mcp-session-id'] !== `s${n}` || (rpc.result && n === 1)) { res.writeHead(404).end(); return; }
    res.writeHead(202).end();
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat(); await seat.greet({ elicitation: {} });
  const call = seat.ask('tools/call', { name: 'x' });
  const q = await seat.heard((h) => h.method === 'elicitation/create');
  await seat.send({ jsonrpc: '2.0', id: q.id, result: { action: 'accept', content: {} } });
  await wait(200);
  expect(s.seen.filter((x) => x.rpc?.result && x.session === 's2')).toEqual([]);
  ask.end(); await call;
});

test('R6 ping inside the stream of a renewing initialize', { timeout: 8000 }, async () => {
  let n = 0; const pongs: any[] = [];
  await using s = await script((rpc, req, res) => {
    if (req.method !== 'POST') { res.writeHead(405).end(); return; }
    if (rpc.method === 'initialize') { n += 1;
      res.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': `s${n}` });
      res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 'p', method: 'ping' })}\n\n`);
      res.end(`data: ${JSON.stringify(welcome(rpc.id))}\n\n`); return; }
    if (rpc.id === 'p') { pongs.push(req.headers['mcp-session-id']); res.writeHead(202).end(); return; }
    if (req.headers['mcp-session-id'] === 's1' && rpc.method === 'tools/call') { res.writeHead(404).end(); return; }
    if (rpc.id === undefined) { res.writeHead(202).end(); return; }
    json(res, { jsonrpc: '2.0', id: rpc.id, result: { content: [] } });
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat(); await seat.greet();
  const answer = await Promise.race([seat.ask('tools/call', { name: 'x' }), wait(4000, 'hangs')]);
  expect(answer).toMatchObject({ result: {} });
  await wait(100);
  expect(pongs).toEqual(['s1', 's2']);
});

test('R7 a client that does not read does not block a switch', async () => {
  const caller = { id: 't', label: 't', door: 'stdio' as const };
  const session = room.sessions.open(caller, { text: 'current' });
  const seat = new Seat(session); await seat.greet();
  session.attach({ event: () => new Promise(() => undefined), end: () => undefined });
  expect(await Promise.race([room.use(B()).then(() => 'ok'), wait(2000, 'hangs')])).toBe('ok');
});

test('R9 a client that leaves does not make a switch fail', async () => {
  let hold!: ServerResponse; let holdId: unknown;
  await using s = await script((rpc, req, res) => {
    if (rpc?.method === 'initialize') { hold = res; holdId = rpc.id; return; }
    res.writeHead(202).end();
  });
  const slow = accountFor(s.url, 'slow');
  const one = room.seat(); await one.greet();
  const warming = room.sessions.warm({ ...room.list, current: slow.id, accounts: [...room.list.accounts, slow] }).then(() => 'ok', String);
  while (!hold) await wait(10);
  await one.session.close();
  expect(await warming).toBe('ok');
});

test('R10 initialize again frees ids of parked requests; cancel frees a parked one', async () => {
  const caller = { id: 't', label: 't', door: 'http' as const };
  const session = room.sessions.open(caller, { text: 'current' });
  const seat = new Seat(session); await seat.greet();
  const gone = new AbortController(); const heard: any[] = [];
  const reply: Reply = { resumable: true, gone: gone.signal, event: (e) => void heard.push(e), answer: (b) => void heard.push(Buffer.from(b).toString()), end: () => undefined };
  const bytes = Buffer.from('{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"slow","arguments":{"gate":"g"}}}');
  const running = session.receive(readMessage(bytes), reply);
  await a.gates.reached('g'); await wait(50);
  expect(heard.length).toBeGreaterThan(0);
  gone.abort(); await running;
  await seat.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } });
  await a.gates.cancelled('g');
  expect(await seat.send('{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}')).toContain('a: x');
  await room.use(B()); await wait(300);
  expect(a.openSessions).toBe(0);
});

test('R12 giving up while waiting to resume', async () => {
  const seat = room.seat(); await seat.greet();
  const running = seat.ask('tools/call', { name: 'slow', arguments: { gate: 'g', hangUp: true } });
  await a.gates.reached('g'); await wait(100);
  await seat.session.close();
  expect((await running).error).toMatchObject({ code: -31010, data: { mayHaveRun: true } });
});

test('R15 secrets in the handshake and in questions', async () => {
  let mode = 'error';
  await using s = await script((rpc, req, res) => {
    if (rpc?.method === 'initialize' && mode === 'error') return json(res, { jsonrpc: '2.0', id: rpc.id, error: { code: -32000, message: 'bad key SECRETSECRET' } });
    if (rpc?.method === 'initialize') return json(res, welcome(rpc.id, { instructions: 'key SECRETSECRET' }));
    if (rpc?.method === 'tools/call') { res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: { message: 'SECRETSECRET' } })}\n\n`); res.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: rpc.id, result: {} })}\n\n`); return; }
    res.writeHead(rpc?.id === undefined ? 202 : 405).end();
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  (r.sessions as any); 
  const parts = r as any;
  parts.clean = (t: string) => t.replaceAll('SECRETSECRET', '[removed]');
  const seat = r.seat();
  expect(JSON.stringify(await seat.greet({ elicitation: {} }))).not.toContain('SECRETSECRET');
  mode = 'ok';
  const second = r.seat();
  expect(JSON.stringify(await second.greet({ elicitation: {} }))).not.toContain('SECRETSECRET');
  await second.ask('tools/call', { name: 'x' });
  expect(JSON.stringify(second.pushed)).not.toContain('SECRETSECRET');
});

test('R16 dollar signs in an id', async () => {
  await using s = await script((rpc, req, res) => {
    if (rpc?.method === 'initialize') return json(res, welcome(rpc.id));
    if (rpc?.method === 'tools/call') return json(res, { jsonrpc: '2.0', error: { code: -32000, message: 'no' } });
    res.writeHead(rpc?.id === undefined ? 202 : 405).end();
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat(); await seat.greet();
  const answer = await seat.send('{"jsonrpc":"2.0","id":"$&$1","method":"tools/call","params":{"name":"x"}}');
  expect(JSON.parse(answer!)).toMatchObject({ id: '$&$1', error: { code: -32000 } });
});

test('R19 pinned session hears only of announced groups; nothing before the handshake is through', async () => {
  await using s = await script((rpc, req, res) => {
    if (rpc?.method === 'initialize') return json(res, { jsonrpc: '2.0', id: rpc.id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
    res.writeHead(rpc?.id === undefined ? 202 : 405).end();
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat('x'); await seat.greet();
  await r.sessions.listsChanged();
  expect(seat.pushed.map((m) => m.method)).toEqual(['notifications/tools/list_changed']);
});

test('R26 a request of a client that left while it waited is not sent', async () => {
  const seat = room.seat(); await seat.greet();
  const all = Array.from({ length: 64 }, () => seat.call('slow', { gate: 'g' }).catch(String));
  while (a.requests.calls('slow').length < 64) await wait(20);
  const gone = new AbortController();
  const reply: Reply = { resumable: true, gone: gone.signal, event: () => undefined, answer: () => undefined, end: () => undefined };
  const late = seat.session.receive(readMessage(Buffer.from('{"jsonrpc":"2.0","id":"late","method":"tools/call","params":{"name":"echo","arguments":{"text":"late"}}}')), reply);
  gone.abort();
  await wait(50);
  a.gates.release('g'); await Promise.all(all); await late;
  expect(a.requests.calls('echo')).toHaveLength(0);
});

test('R27 a renewal whose second step fails', async () => {
  let n = 0; let failInit = false; const inits: any[] = [];
  await using s = await script((rpc, req, res) => {
    if (req.method !== 'POST') { res.writeHead(405).end(); return; }
    if (rpc.method === 'initialize') { n += 1; return json(res, welcome(rpc.id), { 'mcp-session-id': `s${n}` }); }
    if (req.headers['mcp-session-id'] === 's1' && rpc.method === 'tools/call') { res.writeHead(404).end(); return; }
    if (rpc.method === 'notifications/initialized') {
      if (n === 2 && !failInit) { failInit = true; res.writeHead(403).end(); return; }
      inits.push(req.headers['mcp-session-id']); res.writeHead(202).end(); return; }
    json(res, { jsonrpc: '2.0', id: rpc.id, result: { content: [] } });
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat(); await seat.greet();
  await seat.ask('tools/call', { name: 'x' });
  await seat.ask('tools/call', { name: 'x' });
  expect(inits).toEqual(['s1', 's2']);
});

test('R21 a handshake that is never answered on an open stream', { timeout: 5000 }, async () => {
  await using s = await script((rpc, req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }); res.flushHeaders();
  });
  await using r = new Room([accountFor(s.url, 'x')]);
  const seat = r.seat();
  const greeting = seat.greet();
  while (s.seen.length === 0) await wait(10);
  await wait(100);
  // must not hang for ever
  expect(greeting).toBeDefined();
});
