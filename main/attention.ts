import { hostOf } from '#contract/account.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { hasEnded, type SignInView } from '#contract/sign-in.ts';
import { whySignIn } from '#contract/sign-in-text.ts';
import { trayTexts } from './texts/tray.ts';
import { fullName, shown } from './tray-words.ts';

/** Something that only a person can do, and the one thing that does it. */
export interface Attention {
  /** The same as long as the matter is the same. */
  readonly id: string;
  /** A line for a menu, not escaped for it. */
  readonly text: string;
  /** What happened, as a sentence. */
  readonly why: string;
  readonly action:
    | ('sign-in' | 'resume-sign-in' | 'enter-key' | 'unlock')
    | ('show-account' | 'restart-to-update');
  readonly account: AccountView | undefined;
  /** Something stands still until it is done. */
  readonly isUrgent: boolean;
}

const WHY_CHARACTERS = 300;

/** Everything that needs a person, the most urgent first. Pure. */
export function attentionOf(snapshot: Snapshot, update: UpdateState): Attention[] {
  const { accounts, signIns } = snapshot;
  const open = signIns.filter(({ state }) => !hasEnded(state));
  const found = [
    ...vaultAttention(snapshot),
    ...open.flatMap((signIn) => signInAttention(signIn, accounts)),
    ...accounts.flatMap(accountAttention),
    ...updateAttention(update),
  ];
  return [...found.filter(({ isUrgent }) => isUrgent), ...found.filter(({ isUrgent }) => !isUrgent)];
}

/** One matter for all accounts that the closed vault holds up; none while it holds up nobody. */
function vaultAttention({ status, accounts }: Snapshot): Attention[] {
  const { kind, state } = status.vault;
  const locked = accounts.find(({ condition }) => condition.state === 'locked');
  if (state === 'ready' || !locked) return [];
  const texts = trayTexts.attention;
  return [
    {
      id: `vault:${state}`,
      text: kind === 'passphrase' && state === 'locked' ? texts.passphrase : texts.vault[state],
      why: shown(locked.condition.text, WHY_CHARACTERS),
      action: 'unlock',
      account: undefined,
      isUrgent: true,
    },
  ];
}

function signInAttention({ id, state, account: of }: SignInView, accounts: AccountView[]): Attention[] {
  const account = accounts.find((one) => one.id === of);
  if (!account) return [];
  const name = fullName(account);
  const texts = trayTexts.attention;
  const base = { id: `sign-in:${id}:${state.step}`, action: 'resume-sign-in', account } as const;
  if (state.step === 'asking') {
    const why = shown(state.question.text, WHY_CHARACTERS);
    return [{ ...base, text: texts.signInQuestion(name), why, isUrgent: true }];
  }
  if (state.step === 'waiting') {
    const why = texts.signInWaitingWhy(shown(state.host, 100));
    return [{ ...base, text: texts.signInWaiting(name), why, isUrgent: false }];
  }
  return [];
}

/** What an account needs by its own condition. One that its person signed out needs nothing. */
function accountAttention(account: AccountView): Attention[] {
  const { id, condition, signIn, signInReason } = account;
  const name = fullName(account);
  const texts = trayTexts.attention;
  const said = shown(condition.text, WHY_CHARACTERS);
  const why = shown(whySignIn(account, hostOf(account)), WHY_CHARACTERS);
  const one = (kind: string, rest: Pick<Attention, 'text' | 'why' | 'action'>): Attention[] => [
    { id: `${kind}:${id}`, account, isUrgent: true, ...rest },
  ];
  switch (condition.action) {
    case 'sign-in': {
      if (condition.state !== 'sign-in-needed') {
        const scope = shown(condition.wider ?? '');
        return one(`wider:${scope}`, { text: texts.wider(name, scope), why: said, action: 'sign-in' });
      }
      if (isSignedOut(account)) return [];
      const text = signInReason === 'never' ? texts.signIn(name) : texts.signInAgain(name);
      return one(`sign-in:${signInReason ?? 'ended'}`, { text, why, action: 'sign-in' });
    }
    case 'enter-key': {
      const text = signIn.kind === 'none' ? texts.addAgain(name) : texts.enterKey(name);
      return one('key', { text, why, action: 'enter-key' });
    }
    case 'ask-support':
      return one('support', { text: texts.support(name), why: said, action: 'show-account' });
    case 'unlock':
    case 'none':
    case 'wait':
      return [];
    default:
      return condition.action satisfies never;
  }
}

/** Its person signed it out, so it is as they want it. */
export function isSignedOut({ condition, signInReason }: AccountView): boolean {
  return condition.state === 'sign-in-needed' && signInReason === 'signed-out';
}

function updateAttention({ state, version }: UpdateState): Attention[] {
  if (state !== 'ready') return [];
  const { update, updateUnnamed } = trayTexts.attention;
  const named = shown(version ?? '');
  const text = version === null ? updateUnnamed : update(named);
  return [
    {
      id: `update:${named}`,
      text,
      why: '',
      action: 'restart-to-update',
      account: undefined,
      isUrgent: false,
    },
  ];
}
