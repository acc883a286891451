import { describe, expect, test } from 'vitest';
import { parseAdd } from '#bridge/cli/commands/add.ts';
import { parseActAs } from '#bridge/cli/commands/as.ts';
import { parseEndpoint } from '#bridge/cli/commands/endpoint.ts';
import { parseLog } from '#bridge/cli/commands/log.ts';
import { parsePause } from '#bridge/cli/commands/pause.ts';
import { parseSettings } from '#bridge/cli/commands/settings.ts';
import { parseUpdate } from '#bridge/cli/commands/update.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';

const wrong = (task: () => unknown): BridgeError => {
  try {
    task();
  } catch (error) {
    if (error instanceof BridgeError) return error;
  }
  throw new Error('It was expected to be refused.');
};

describe('add', () => {
  test('keeps what was typed and leaves out the rest', () => {
    const options = parseAdd(['Pelcro'], {
      label: 'Acme',
      environment: 'staging',
      keyStdin: true,
      check: false,
    });
    expect(options).toEqual({
      entered: {
        connector: 'pelcro',
        label: 'Acme',
        environment: 'staging',
        headers: {},
        ownNetwork: false,
        readOnly: false,
        check: false,
      },
      keyStdin: true,
      clientSecretStdin: false,
      headersStdin: [],
    });
  });

  test('takes an OAuth client of the person, its secret on stdin only', () => {
    const options = parseAdd(['custom'], {
      check: true,
      signIn: 'oauth',
      clientId: 'abc',
      clientSecretStdin: true,
      clientMetadataUrl: 'https://example.com/client.json',
    });
    expect(options).toMatchObject({
      entered: { signIn: 'oauth', clientId: 'abc', clientMetadataUrl: 'https://example.com/client.json' },
      clientSecretStdin: true,
    });
    expect(wrong(() => parseAdd(['custom'], { check: true, clientSecretStdin: true })).message).toContain(
      'Add --client-id',
    );
  });

  test('takes a local command word by word', () => {
    const { entered } = parseAdd(['allegro', 'php', 'artisan', '--tenant', 'a b'], {
      check: true,
      cwd: '/srv',
    });
    expect(entered).toMatchObject({ command: ['php', 'artisan', '--tenant', 'a b'], cwd: '/srv' });
  });

  test('takes headers that are no secrets, with colons in their values', () => {
    const { entered } = parseAdd(['custom'], { check: true, header: ['X-Team: ops', 'x-site:http://a:1/'] });
    expect(entered.headers).toEqual({ 'X-Team': 'ops', 'x-site': 'http://a:1/' });
  });

  test.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'X-Api-Key',
    'apikey',
    'x-auth-token',
    'X-My-Secret',
    'x-password',
  ])('refuses %s as an argument and does not repeat its value', (name) => {
    const secret = canary('bearer');
    const refused = wrong(() => parseAdd(['custom'], { check: true, header: [`${name}: ${secret}`] }));
    expect(refused.code).toBe('invalid-input');
    expect(refused.message).toContain('--header-stdin');
    expect(refused.message).not.toContain(secret);
  });

  test.each(['no-colon', ': value', ''])('refuses the header %j', (header) => {
    expect(wrong(() => parseAdd(['custom'], { check: true, header: [header] })).code).toBe('invalid-input');
  });

  test('names the connectors when it knows none of that name', () => {
    expect(wrong(() => parseAdd(['github'], { check: true })).message).toContain('allegro, pelcro, allv');
  });
});

describe('update', () => {
  test.each([
    [{ readOnly: true }, { rules: { readOnly: true } }],
    [{ readOnly: false }, { rules: { readOnly: false } }],
    [{ allow: ['a', 'b'] }, { rules: { allow: ['a', 'b'] } }],
    [{ allowAll: true }, { rules: { allow: null } }],
    [{ deny: ['c'] }, { rules: { deny: ['c'] } }],
    [{ denyNone: true }, { rules: { deny: [] } }],
    [
      { label: 'New', color: 'red' as const },
      { label: 'New', color: 'red' },
    ],
  ])('reads %j', (flags, change) => {
    expect(parseUpdate(['acme'], flags)).toEqual({ account: 'acme', ...change });
  });

  test('wants something to change', () => {
    expect(wrong(() => parseUpdate(['acme'], {})).code).toBe('invalid-input');
  });
});

describe('as', () => {
  test('takes a member or --self', () => {
    expect(parseActAs(['ops', 'a@x.example'], {})).toEqual({ account: 'ops', user: 'a@x.example' });
    expect(parseActAs(['ops'], { self: true })).toEqual({ account: 'ops', user: null });
  });

  test.each([
    [['ops'], {}],
    [['ops', 'a@x.example'], { self: true }],
  ])('refuses %j with %j', (args, flags) => {
    expect(wrong(() => parseActAs(args, flags)).code).toBe('invalid-input');
  });
});

describe('endpoint', () => {
  test.each([
    [[], { client: 'cursor' }, { kind: 'mint', address: 'current', client: 'cursor' }],
    [['pelcro'], { client: 'cursor' }, { kind: 'mint', address: 'pelcro', client: 'cursor' }],
    [[], { list: true }, { kind: 'list' }],
    [[], { revoke: 'cli_1' }, { kind: 'revoke', id: 'cli_1' }],
  ])('reads %j with %j', (args, flags, expected) => {
    expect(parseEndpoint(args, flags)).toEqual(expected);
  });

  test.each([
    [[], {}],
    [['pelcro'], { list: true }],
    [[], { list: true, client: 'cursor' }],
  ])('refuses %j with %j', (args, flags) => {
    expect(wrong(() => parseEndpoint(args, flags)).code).toBe('invalid-input');
  });
});

describe('pause', () => {
  test.each([
    [{}, {}],
    [{ for: '15m' }, { minutes: 15 }],
    [{ for: '1h' }, { minutes: 60 }],
    [{ for: '90' }, { minutes: 90 }],
    [{ for: ' 24H ' }, { minutes: 1440 }],
  ])('reads %j', (flags, expected) => {
    expect(parsePause([], flags)).toEqual(expected);
  });

  test.each(['', '0', '0h', '25h', '1441', '1d', '-5', '1.5h', 'soon', '15 m', '1h30m'])(
    'refuses --for %j',
    (typed) => {
      expect(wrong(() => parsePause([], { for: typed })).message).toContain('15m, 1h or 90');
    },
  );
});

describe('settings', () => {
  test.each([
    [[], { kind: 'all' }],
    [['http'], { kind: 'one', key: 'http' }],
    [['http', 'off'], { kind: 'set', key: 'http', change: { http: false } }],
    [['start-owner', 'TRUE'], { kind: 'set', key: 'startOwner', change: { startOwner: true } }],
    [['activityDays', '0'], { kind: 'set', key: 'activityDays', change: { activityDays: 0 } }],
    [['read-only', 'on'], { kind: 'set', key: 'readOnly', change: { readOnly: true } }],
    [['proxy'], { kind: 'one', key: 'proxy' }],
    [['proxy', 'System'], { kind: 'set', key: 'proxy', change: { proxy: { mode: 'system' } } }],
    [['proxy', 'none'], { kind: 'set', key: 'proxy', change: { proxy: { mode: 'none' } } }],
    [
      ['proxy', 'http://Proxy.example.com:8080/'],
      {
        kind: 'set',
        key: 'proxy',
        change: { proxy: { mode: 'manual', url: 'http://proxy.example.com:8080' } },
      },
    ],
  ])('reads %j', (args, expected) => {
    expect(parseSettings(args)).toEqual(expected);
  });

  test.each([['colour'], ['http', 'perhaps'], ['port', '80.5'], ['port', '-1'], ['__proto__', 'on']])(
    'refuses %s %s',
    (...args) => {
      expect(wrong(() => parseSettings(args)).code).toBe('invalid-input');
    },
  );
});

test('the whole log is cleared, or part of it shown, but not both', () => {
  expect(parseLog([], { limit: 50, account: 'acme', tool: 'echo' })).toEqual({
    choice: { account: 'acme', target: 'echo' },
    limit: 50,
    follow: false,
    clear: false,
  });
  expect(wrong(() => parseLog([], { limit: 50, clear: true, account: 'acme' })).code).toBe('invalid-input');
});
