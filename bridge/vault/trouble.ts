import { BridgeError } from '../contract/errors.ts';
import type { VaultState } from './vault.ts';

interface Trouble {
  readonly state: Exclude<VaultState, 'ready'>;
  /** What happened, what it means, the one thing to do. */
  readonly text: string;
}

/** Why a vault is not ready, the state that makes, and what a person is told. */
export const troubles = {
  'not-opened': {
    state: 'locked',
    text: 'The saved sign-ins are not unlocked yet. Gangway continues by itself once they are.',
  },
  locked: {
    state: 'locked',
    text: 'The keychain is locked, so saved sign-ins cannot be used. Unlock it; Gangway continues by itself.',
  },
  'not-answering': {
    state: 'locked',
    text: 'The keychain does not answer; it may be waiting for you to unlock it. Gangway continues by itself once it does.',
  },
  'no-passphrase': {
    state: 'locked',
    text: 'The saved sign-ins are sealed with a passphrase. Enter it with "gangway unlock", or put it into a file only you can read and name that file in GANGWAY_PASSPHRASE_FILE.',
  },
  denied: {
    state: 'denied',
    text: 'The keychain refused Gangway access to its key. Try again and allow it; nothing was changed.',
  },
  'wrong-passphrase': {
    state: 'denied',
    text: 'The passphrase is not the one the saved sign-ins were sealed with. Nothing was changed. Try again with the right one.',
  },
  'no-keychain': {
    state: 'absent',
    text: 'No keychain can be reached here. Start one (on Linux GNOME Keyring, KWallet or KeePassXC), or choose GANGWAY_VAULT=passphrase.',
  },
  unrecognised: {
    state: 'absent',
    text: 'The keychain cannot be used; Gangway does not recognise its answer. Check that it works, or choose GANGWAY_VAULT=passphrase.',
  },
  'no-collection': {
    state: 'empty',
    text: 'The keychain has no default keyring to keep a key in. Create one, for example by signing in to the desktop once, and try again.',
  },
  'key-missing': {
    state: 'empty',
    text: 'The keychain no longer holds the key of the saved sign-ins. They are still here, but sealed. Restore the keychain, or remove the accounts and add them again.',
  },
  'not-a-key': {
    state: 'empty',
    text: 'The keychain entry "gangway" does not hold a key, so saved sign-ins stay sealed. Restore the keychain, or delete that entry if no account was added yet.',
  },
  'other-key': {
    state: 'empty',
    text: 'The saved sign-ins were sealed with another key. They are still here. Restore the key they were sealed with, or remove the accounts and add them again.',
  },
  'header-missing': {
    state: 'empty',
    text: 'There are saved sign-ins, but passphrase.json, without which no passphrase opens them, is missing. Restore it, or use the kind of vault they were made with.',
  },
} as const satisfies Record<string, Trouble>;

export type Because = keyof typeof troubles;

/** The failure a person is shown while the vault is not ready. */
export function notReady(because: Because): BridgeError {
  const { state, text } = troubles[because];
  return new BridgeError(`vault-${state}`, text);
}

/** For a vault that is opened in another way. */
export function takesNoPassphrase(): BridgeError {
  return new BridgeError(
    'invalid-input',
    'The saved sign-ins here are not sealed with a passphrase. Leave it out.',
  );
}
