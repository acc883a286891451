import { expect, test } from 'vitest';
import { answerJson } from '../workspaces/arrival.ts';
import { startPlain } from '../workspaces/plain.ts';
import { ModernClient, textOf } from './modern/client.ts';
import { shakesHands, startScripted, turns, until } from './scripted.ts';
import { accountFor, Room, Seat } from './seat.ts';

test('what opens for one era after a switch was refused for the other is let go', async () => {
  const held: (() => void)[] = [];
  await using a = await startPlain({ name: 'a' });
  await using b = await startScripted(
    (arrival, response) => {
      const { rpc, text } = arrival;
      if (rpc?.method === 'initialize' && text.includes('"version":"2"')) {
        held.push(() => void shakesHands(arrival, response, 's'));
      } else if (rpc?.method === 'initialize') {
        answerJson(response, 200, { jsonrpc: '2.0', id: rpc.id, error: { code: -1, message: 'no' } });
      } else if (rpc?.method === 'server/discover') response.writeHead(404).end();
      else shakesHands(arrival, response, 's');
    },
    (_, response) => void response.writeHead(405).end(),
  );
  const accountB = accountFor(b.url, 'account-b');
  await using room = new Room([accountFor(a.url, 'account-a'), accountB]);
  room.eras.learn(accountB, 'modern', false);
  // A client that speaks both eras on one pipe.
  const modern = new ModernClient(room, { door: 'stdio' });
  await new Seat(modern.session).greet();
  expect(textOf(await modern.call('echo', { text: 'x' }))).toBe('a: x');
  let isSettled = false;
  const warmed = room.sessions.warm({ ...room.list, current: accountB.id }).finally(() => {
    isSettled = true;
  });
  warmed.catch(() => undefined);
  await until(() => held.length === 1);
  await b.requests.until(({ rpc }) => rpc?.method === 'server/discover');
  await turns(50);
  expect(isSettled).toBe(false);
  for (const go of held) go();
  await expect(warmed).rejects.toMatchObject({ code: 'bad-answer' });
  await b.requests.until(({ method }) => method === 'DELETE');
});
