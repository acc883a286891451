import { describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { startShim } from '../downstream/played-shim.ts';
import { type Answer, ask, initialize, rpc, startDoor } from '../downstream/raw-http.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { startPlain } from '../workspaces/plain.ts';

/** A request of a size that fits twice into what one client may have waiting. */
const big = (id: number): string => rpc(id, 'hold', { text: 'x'.repeat(limits.clientQueueBytes / 2 - 1024) });
const told = { code: -31005, message: 'Too much is waiting to be sent already. Try again shortly.' };

describe('KL-07: before memory runs out', () => {
  test('a client over stdio that has 32 MB waiting is told to wait, and may go on afterwards', async () => {
    const shim = await startShim();
    shim.say(1, rpc(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {} }));
    await shim.after(1);
    for (const id of [2, 3, 4]) shim.say(id, big(id));
    expect(JSON.parse((await shim.after(4)).text)).toMatchObject({ id: 4, error: told });
    await expect.poll(() => shim.sessions.only.methods.filter((method) => method === 'hold').length).toBe(2);
    for (const { release } of shim.sessions.only.held) release();
    await Promise.all([shim.next(), shim.next()]);
    shim.say(5, rpc(5, 'echo', {}));
    expect(JSON.parse((await shim.after(5)).text)).toMatchObject({ id: 5, result: {} });
  });

  test('a client over HTTP is told the same, whichever connections it uses, and others are not', async () => {
    const world = await startDoor();
    const greeting = await ask(world, { body: initialize });
    const headers = { 'Mcp-Session-Id': greeting.headers['mcp-session-id'] };
    const post = (body: string): Promise<Answer> => ask(world, { body, headers });
    const held = [post(big(1)), post(big(2))];
    const holding = (): number => world.sessions.only.methods.filter((method) => method === 'hold').length;
    await expect.poll(holding).toBe(2);
    const refused = await post(big(3));
    expect(JSON.parse(refused.body)).toMatchObject({ id: 3, error: told });
    const token = world.mint({ id: 'two', label: 'Two', address: 'current' });
    expect((await ask({ port: world.port, token }, { body: initialize })).status).toBe(200);
    for (const { release } of world.sessions.opened[0]?.held ?? []) release();
    for (const { status } of await Promise.all(held)) expect(status).toBe(200);
    expect(JSON.parse((await post(rpc(4, 'echo', {}))).body)).toMatchObject({ id: 4, result: {} });
  });

  test('of more than a thousand calls at once those beyond are told to wait, and the others are answered', async () => {
    await using a = await startPlain({ name: 'a' });
    await using room = new Room([accountFor(a.url, 'account-a')]);
    const seat = room.seat();
    await seat.greet();
    const running = Array.from({ length: limits.inFlightPerClient }, () => seat.call('slow', { gate: 'g' }));
    await expect.poll(() => a.gates.waiting('g')).toBe(running.length);
    const most = limits.inFlightPerClient + limits.queuedPerClient;
    expect(most).toBe(1000);
    const waiting = Array.from({ length: limits.queuedPerClient }, () =>
      seat.call('echo', { text: 'in order' }),
    );
    const beyond = await Promise.all(Array.from({ length: 5 }, () => seat.call('echo', { text: 'beyond' })));
    for (const answer of beyond) expect(answer).toContain('error -31005');
    a.gates.release('g');
    await Promise.all(running);
    for (const answer of await Promise.all(waiting)) expect(answer).toContain('in order');
    expect(a.requests.calls('echo')).toHaveLength(limits.queuedPerClient);
  });
});
