import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Raw } from '../downstream/raw-http.ts';
import { ask, bytesOf, enter, startPanel } from './a-panel.ts';

test('LH-15 at the panel: a body that stops half way gets 408 in time, while others are served', async () => {
  const world = await startPanel();
  const cookie = await enter(world);
  const slow = new Raw(world.port).write(bytesOf(world.port, cookie).slice(0, -1));
  await once(slow.socket, 'connect');
  expect((await ask(world, cookie)).status).toBe(200);
  expect(await slow.all()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"timeout"/);
  expect(world.calls).toEqual(['status']);
});

test('LH-16 at the panel: a head that comes byte by byte is closed in time', async () => {
  const world = await startPanel();
  const raw = new Raw(world.port);
  const bytes = bytesOf(world.port, await enter(world));
  let sent = 0;
  const timer = setInterval(() => raw.write(bytes[sent++] ?? ''), 1000);
  onTestFinished(() => clearInterval(timer));
  const silent = new Raw(world.port);
  expect(await raw.all()).toMatch(/^HTTP\/1\.1 408 /);
  await silent.closed;
  expect(sent).toBeLessThan(20);
});

test('LH-17 at the panel: of many idle connections the oldest make room, and streams stay', async () => {
  async function* stream(signal: AbortSignal | undefined) {
    yield 'first';
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }
  const world = await startPanel({}, (name, _, signal) => (name === 'watch' ? stream(signal) : 'answered'));
  const cookie = await enter(world);
  const line = 'POST /rpc/control/watch HTTP/1.1';
  const watching = new Raw(world.port).write(bytesOf(world.port, cookie, { line }));
  await watching.sees('first');
  const idle: Raw[] = [];
  for (let round = 0; round < 10; round += 1) {
    const some = Array.from({ length: 40 }, () => new Raw(world.port));
    await Promise.all(some.map(({ socket }) => once(socket, 'connect').catch(() => undefined)));
    idle.push(...some);
  }
  await expect
    .poll(() => idle.filter(({ socket }) => !socket.destroyed).length)
    .toBeLessThan(limits.panelConnections);
  expect((await ask(world, cookie)).status).toBe(200);
  expect(watching.socket.destroyed).toBe(false);
});
