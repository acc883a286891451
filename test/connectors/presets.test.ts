import { describe, expect, test } from 'vitest';
import { readAddress } from '#bridge/connectors/address.ts';
import { connectorOf, userHeaderNames, vendorOfKey } from '#bridge/connectors/catalog.ts';
import { commandLine } from '#bridge/connectors/command.ts';
import { presets } from '#bridge/connectors/presets.ts';
import { AccountId } from '#contract/account.ts';
import { ConnectorId } from '#contract/connector.ts';
import { anAccount } from '../accounts/an-account.ts';
import { canary } from '../canary/canary.ts';

test('every connector of the contract has exactly one preset', () => {
  expect(presets.map(({ id }) => id).toSorted()).toEqual(ConnectorId.options.toSorted());
});

test('connectors can be told apart by colour, and none has the colour of staging', () => {
  const colors = presets.map(({ color }) => color);
  expect(new Set(colors).size).toBe(presets.length);
  expect(colors).not.toContain('amber');
});

describe.each(presets)('preset $id', (preset) => {
  test('no tool is both read and write', () => {
    expect([...preset.tools.reads].filter((name) => preset.tools.writes.has(name))).toEqual([]);
  });

  test('its own addresses pass the rules for addresses', () => {
    for (const address of Object.values(preset.environments)) {
      expect(readAddress(address, { ownNetwork: false }).notes).toEqual([]);
    }
  });

  test('its usual header is among those it takes', () => {
    expect(preset.key.headers ?? [preset.key.header]).toContain(preset.key.header);
  });
});

test('pins: the tools of the two vendors that publish their lists', () => {
  const sizes = (id: ConnectorId): number[] => {
    const { reads, writes } = connectorOf(id).tools;
    return [reads.size, writes.size];
  };
  expect({ allegro: sizes('allegro'), pelcro: sizes('pelcro') }).toEqual({
    allegro: [8, 8],
    pelcro: [38, 63],
  });
  expect([...userHeaderNames]).toEqual(['x-allv-user-id', 'x-allv-user-email']);
});

test('HV-24 keys tell whose they are', () => {
  expect(vendorOfKey(canary('sanctum'))?.id).toBe('allegro');
  expect(vendorOfKey(canary('allv'))?.id).toBe('allv');
  expect(vendorOfKey(canary('aly'))?.id).toBe('aly');
  expect(vendorOfKey(canary('bearer'))).toBeUndefined();
});

describe('a local command', () => {
  const command = {
    connector: 'allegro',
    upstream: {
      kind: 'command',
      command: 'php',
      args: ['artisan', 'allegro:mcp:start', '--tenant=acme', '--user', 'typed@acme.example'],
      cwd: '/srv/allegro',
    },
  } as const;

  test('runs as it was typed while nobody is selected', () => {
    expect(commandLine(anAccount({ ...command }))).toEqual({
      command: 'php',
      args: command.upstream.args,
      cwd: '/srv/allegro',
    });
  });

  test('runs as the selected user, and as another one while acting as that', () => {
    const user = { by: 'email', value: 'a@acme.example' } as const;
    const actingAs = { by: 'id', value: 'b-1' } as const;
    const start = ['artisan', 'allegro:mcp:start', '--tenant=acme'];
    expect(commandLine(anAccount({ ...command, user })).args).toEqual([...start, '--user=a@acme.example']);
    expect(commandLine(anAccount({ ...command, user, actingAs })).args).toEqual([...start, '--user=b-1']);
  });

  test('an account with an address has none', () => {
    expect(() => commandLine(anAccount({ id: AccountId.parse('acc_00000000') }))).toThrow('no command');
  });
});
