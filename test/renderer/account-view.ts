import { Account } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';

/** An account as the window gets it: ready, with a key, at an Allegro tenant, unless told otherwise. */
export function accountView({
  condition,
  current = false,
  active = false,
  ...given
}: Partial<Omit<AccountView, 'id' | 'slug'>> & { id?: string } = {}): AccountView {
  const account = Account.parse({
    id: 'acc_00000001',
    slug: 'acme',
    connector: 'allegro',
    label: 'Acme',
    color: 'violet',
    environment: 'production',
    upstream: { kind: 'http', url: 'https://acme.example.com/mcp' },
    signIn: { kind: 'key', header: 'authorization' },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: false,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...given,
  });
  return {
    ...account,
    current,
    active,
    condition: condition ?? { state: 'ready', text: '', action: 'none' },
  };
}
