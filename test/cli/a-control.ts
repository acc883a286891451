import { type ControlClient, clientOver } from '#bridge/control/client.ts';
import { AccountId, Slug } from '#contract/account.ts';
import type { AccountCondition, AccountView } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import type { SignInState, SignInView } from '#contract/sign-in.ts';

type Procedure = (input: unknown, signal: AbortSignal | undefined) => unknown;

/** A control client whose procedures the test wrote. Those it left out fail. */
export function scriptedControl(procedures: Readonly<Record<string, Procedure>>) {
  const calls: { name: string; input: unknown }[] = [];
  const control = clientOver({
    call: async (path, input, { signal }) => {
      const name = path.join('.');
      calls.push({ name, input });
      signal?.throwIfAborted();
      const procedure = procedures[name];
      if (!procedure) throw new Error(`This test has no ${name}.`);
      return procedure(input, signal);
    },
  });
  const inputsOf = (name: string): unknown[] =>
    calls.filter((call) => call.name === name).map(({ input }) => input);
  return { control, inputsOf };
}

export const READY: AccountCondition = { state: 'ready', text: '', action: 'none' };

/** An account that signs in by OAuth and is ready. */
export function anAccount(change: Partial<AccountView> = {}): AccountView {
  return {
    id: AccountId.parse('acc_00000000'),
    slug: Slug.parse('acme'),
    connector: 'pelcro',
    label: 'Acme',
    color: 'teal',
    environment: 'production',
    upstream: { kind: 'http', url: 'https://mcp.example.com/' },
    signIn: { kind: 'oauth', legacy: false },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: false,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2026-11-21T09:00:00.000Z',
    current: false,
    active: false,
    condition: READY,
    ...change,
  };
}

const ID = 'sgn_00000000';

/** A bridge with one sign-in whose states the test says. It is cancelled, answered and watched as in the real one. */
export interface SignInDesk {
  readonly control: ControlClient;
  inputsOf(name: string): unknown[];
  /** The sign-in is in this state now. */
  say(state: SignInState): void;
  /** The sign-in is not listed any more. */
  drop(): void;
  /** The owner stops. */
  stop(): void;
}

export function signInDesk(
  accounts: AccountView[],
  more: Readonly<Record<string, Procedure>> = {},
): SignInDesk {
  const changes: { signIns: SignInView[] }[] = [];
  let hasStopped = false;
  let wake: () => void = () => undefined;
  const view = (state: SignInState): SignInView => ({
    id: ID,
    account: accounts[0]?.id ?? AccountId.parse('acc_99999999'),
    label: accounts[0]?.label ?? '',
    startedAt: '2026-11-21T09:00:00.000Z',
    state,
  });
  const change = (signIns: SignInView[]): void => {
    changes.push({ signIns });
    wake();
  };
  const say = (state: SignInState): void => change([view(state)]);
  say({ step: 'discovering' });
  async function* watch(signal: AbortSignal | undefined) {
    signal?.addEventListener('abort', () => wake());
    yield { accounts };
    for (let next = 0; ; ) {
      const found = changes[next];
      if (signal?.aborted) return;
      if (found) {
        next += 1;
        yield found;
      } else if (hasStopped) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const { control, inputsOf } = scriptedControl({
    'accounts.list': () => accounts,
    'signIn.start': () => {
      if (accounts.length === 0) throw new BridgeError('account-unknown', 'There is no such account.');
      return view({ step: 'discovering' });
    },
    'signIn.cancel': () => view({ step: 'cancelled' }),
    'signIn.answer': () => view({ step: 'discovering' }),
    watch: (_, signal) => watch(signal),
    ...more,
  });
  const stop = (): void => {
    hasStopped = true;
    wake();
  };
  return { control, inputsOf, say, drop: () => change([]), stop };
}
