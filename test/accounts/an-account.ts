import { Account } from '#contract/account.ts';

/** A valid account of an `allv` workspace on this computer, changed as asked. */
export function anAccount(change: Partial<Record<keyof Account, unknown>> = {}): Account {
  return Account.parse({
    id: 'acc_aaaaaaaa',
    slug: 'acme',
    connector: 'allv',
    label: 'Acme',
    color: 'blue',
    environment: 'development',
    upstream: { kind: 'http', url: 'http://127.0.0.1:4003/api/workspaces/ws_1/mcp' },
    signIn: { kind: 'key', header: 'authorization' },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: false,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2026-11-21T10:00:00.000Z',
    ...change,
  });
}
