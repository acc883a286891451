import { afterEach, describe, expect, test } from 'vitest';
import { inEveryPair, NAME } from './era-pairs.ts';
import { failure, text } from './world.ts';

const PAUSED = -31013;
const BLOCKED = -31014;

inEveryPair(({ connect, isModern, upstream, world }) => {
  /** What arrived at the workspace since; a local program keeps no record, so there the answer itself must do. */
  const arrived = (): number => upstream().workspace?.requests.calls().length ?? 0;

  describe('the rules of the person', () => {
    afterEach(async () => {
      await world().bridge.control.resume();
      await world().bridge.control.settings.set({ readOnly: false });
      await world().bridge.control.accounts.update({
        account: NAME,
        rules: { readOnly: false, deny: [], allow: null },
      });
    });

    test('pause everything: nothing leaves, and it goes on afterwards', async () => {
      const client = await connect();
      const before = arrived();
      await world().bridge.control.pause({});
      expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({ code: PAUSED });
      expect(arrived()).toBe(before);
      await world().bridge.control.resume();
      expect(await text(client, 'echo', { text: 'x' })).toBe(`${NAME}: x`);
      await client.close();
    });

    test.each(['the account', 'everything'])('make %s read-only', async (what) => {
      const client = await connect();
      await client.listTools();
      const before = arrived();
      const { accounts, settings } = world().bridge.control;
      if (what === 'everything') await settings.set({ readOnly: true });
      else await accounts.update({ account: NAME, rules: { readOnly: true } });
      expect(await failure(text(client, 'change'))).toMatchObject({ code: BLOCKED });
      expect(await failure(text(client, 'dispatch', { region: 'eu' }))).toMatchObject({ code: BLOCKED });
      expect(arrived()).toBe(before);
      const names = (await client.listTools({}, { cacheMode: 'refresh' })).tools.map(({ name }) => name);
      expect(names).toContain('echo');
      expect(names).not.toContain('dispatch');
      expect(await text(client, 'echo', { text: 'x' })).toBe(`${NAME}: x`);
      await client.close();
    });

    test('switch off a tool', async () => {
      const client = await connect();
      const before = arrived();
      await world().bridge.control.accounts.update({ account: NAME, rules: { deny: ['echo'] } });
      for (const spelling of ['echo', 'ECHO', ' echo', 'ｅcho']) {
        expect(await failure(text(client, spelling, { text: 'x' }))).toMatchObject({ code: BLOCKED });
      }
      expect(arrived()).toBe(before);
      expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('echo');
      await client.close();
    });

    test('hold for the answer to a question that was asked before', async () => {
      const asked = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const client = await connect((fresh) =>
        fresh.setRequestHandler('elicitation/create', async () => {
          asked.resolve();
          await held.promise;
          return { action: 'accept', content: { answer: 'yes' } };
        }),
      );
      const asking = text(client, 'interview', { questions: ['a', 'b'] });
      const outcome = asking.catch((error: { code: number }) => error.code);
      await asked.promise;
      await world().bridge.control.accounts.update({ account: NAME, rules: { deny: ['interview'] } });
      held.resolve();
      // After a handshake the call went on all the time; a client of the newer era makes it anew with its answer.
      expect(await outcome).toBe(isModern ? BLOCKED : `${NAME}: yes, yes`);
      await client.close();
    });
  });
});
