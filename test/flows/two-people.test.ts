import { expect, test } from 'vitest';
import { ask } from '../downstream/raw-http.ts';
import { startPlain } from '../workspaces/plain.ts';
import { startWorld, text } from './world.ts';

test('AC-12 two people at one computer have two bridges, which share no port, socket, token, account or file', async () => {
  await using workspaces = new AsyncDisposableStack();
  const [here, there] = [
    workspaces.use(await startPlain({ name: 'here' })),
    workspaces.use(await startPlain({ name: 'there' })),
  ];
  await using ann = await startWorld();
  await using ben = await startWorld();
  await ann.add({ connector: 'custom', label: 'Hers', url: here.url, signIn: 'none' });
  await ben.add({ connector: 'custom', label: 'His', url: there.url, signIn: 'none' });
  const [hers, his] = [await ann.endpoint(), await ben.endpoint()];
  expect(new URL(hers.url).port).not.toBe(new URL(his.url).port);
  expect(ann.bridge.socket).not.toBe(ben.bridge.socket);

  for (const door of ['stdio', 'http'] as const) {
    expect(await text(await ann.connect(door), 'echo', { text: 'hi' })).toBe('here: hi');
    expect(await text(await ben.connect(door), 'echo', { text: 'hi' })).toBe('there: hi');
  }
  // The token of one is nobody's at the other, and neither knows the other's names.
  const port = Number(new URL(his.url).port);
  const token = (hers.headers.Authorization ?? '').replace('Bearer ', '');
  expect((await ask({ port, token })).status).toBe(401);
  expect((await ann.bridge.control.accounts.list()).map(({ slug }) => slug)).toEqual(['hers']);
  await expect(ann.endpoint('his')).rejects.toMatchObject({ code: 'account-unknown' });

  // One of them leaves; the other notices nothing.
  const client = await ann.connect('http');
  await ben[Symbol.asyncDispose]();
  expect(await text(client, 'echo', { text: 'still' })).toBe('here: still');
});
