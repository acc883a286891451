import { describe, expect, test } from 'vitest';
import { gangway } from '../cli/processes.ts';
import { startModern } from '../workspaces/modern.ts';
import { knock } from './pinned.ts';
import { doors, type Mode, pinned, startWorld, text } from './world.ts';

const rows: readonly { readonly kind: string; readonly mode: Mode; readonly speaks: 'modern' | 'legacy' }[] =
  [
    { kind: 'either era in the newer one', mode: 'auto', speaks: 'modern' },
    { kind: 'either era in the older one', mode: 'auto', speaks: 'legacy' },
    { kind: 'the newer era only in the older one', mode: pinned, speaks: 'legacy' },
  ];

describe.each(doors)('by %s', (door) => {
  test.each(rows)(
    'a client of $kind is named with its version in every record a person sees',
    async ({ mode, speaks }) => {
      await using workspace = await startModern({ name: 'north', speaks });
      await using world = await startWorld();
      const { control } = world.bridge;
      const { id } = await world.add({
        connector: 'custom',
        label: 'North',
        url: workspace.url,
        signIn: 'none',
      });
      const isKnown = mode !== pinned;
      const entry = isKnown ? undefined : (await knock(world, door)).entry;
      const client = await world.connect(door, 'current', undefined, mode, entry);
      await client.listTools();
      await text(client, 'echo', { text: 'x' });
      await text(client, 'fail');
      const version = mode === 'auto' && speaks === 'legacy' ? '2025-11-25' : '2026-07-28';

      const sessions = await control.sessions.list();
      // The probe that came before a handshake is no conversation of its own.
      expect(sessions).toEqual([
        expect.objectContaining({
          program: 'flows 1.0.0',
          protocolVersion: version,
          door,
          address: 'current',
          account: id,
          calls: 3,
        }),
      ]);

      const { stdout, code } = await gangway(['status'], { home: world.paths.home });
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^flows 1\\.0\\.0 +${door} +current +North +${version} +3 `, 'm'));

      const log = (await control.activity.list({})).filter(({ method }) => /^tools\//.test(method));
      expect(log.map(({ method, target, outcome }) => [method, target, outcome])).toEqual([
        ['tools/call', 'fail', 'tool-error'],
        ['tools/call', 'echo', 'ok'],
        ['tools/list', null, 'ok'],
      ]);
      for (const row of log) {
        expect(row).toMatchObject({ client: 'flows 1.0.0', door, account: id, accountLabel: 'North' });
        expect(row.sentBytes).toBeGreaterThan(0);
        expect(row.receivedBytes).toBeGreaterThan(0);
      }
      await client.close();
    },
  );
});
