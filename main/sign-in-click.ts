import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '#bridge/control/client.ts';
import type { AccountId } from '#contract/account.ts';
import { hasEnded, type SignInView } from '#contract/sign-in.ts';
import type { Latest } from './latest.ts';
import { routes } from './routes.ts';

/** After a click a browser may open for so long. What takes longer continues in the window, with a click there. */
const CLICK_MS = 5_000;

export interface SignInParts {
  readonly latest: Pick<Latest, 'snapshot' | 'changed'>;
  readonly control: { readonly signIn: Pick<ControlClient['signIn'], 'start'> };
  /** Opens the page of a sign-in; says whether it did. */
  readonly openSignIn: (id: string) => Promise<boolean>;
  readonly showWindow: (route: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A click on "Sign in": begins a sign-in or goes on with the one under way, and opens its page as soon as it is known.
 * Questions, and what takes its time, are shown in the window.
 * @throws BridgeError when none can begin.
 */
export async function signInByClick(account: AccountId, parts: SignInParts): Promise<void> {
  const { control, signal } = parts;
  const wider = parts.latest.snapshot?.accounts.find(({ id }) => id === account)?.condition.wider;
  const given = { account, ...(wider === undefined ? {} : { wider }) };
  const id = openSignInOf(account, parts)?.id ?? (await control.signIn.start(given, { signal })).id;
  const isOpened = (await waits(id, parts)) && (await parts.openSignIn(id));
  if (!isOpened && !signal.aborted) parts.showWindow(routes.account(account));
}

function openSignInOf(account: AccountId, { latest }: SignInParts): SignInView | undefined {
  return latest.snapshot?.signIns.find((one) => one.account === account && !hasEnded(one.state));
}

/** Whether the sign-in waits for its page, now or before the click is too long ago. */
async function waits(id: string, { latest, signal }: SignInParts): Promise<boolean> {
  const step = (): string | undefined => latest.snapshot?.signIns.find((one) => one.id === id)?.state.step;
  const settled = Promise.withResolvers<void>();
  const look = (): void => {
    const now = step();
    // One that was just begun may not be in the snapshot yet.
    if (now !== undefined && !['discovering', 'registering'].includes(now)) settled.resolve();
  };
  using _changes = latest.changed.on(look);
  look();
  const late = new AbortController();
  const given = AbortSignal.any([late.signal, signal]);
  await Promise.race([settled.promise, delay(CLICK_MS, undefined, { signal: given }).catch(() => undefined)]);
  late.abort();
  return step() === 'waiting';
}
