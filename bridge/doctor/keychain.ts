import { AccountId } from '../contract/account.ts';
import { asBridgeError } from '../contract/errors.ts';
import type { Vault, VaultState } from '../vault/vault.ts';
import { checksOf, type Finding } from './findings.ts';
import type { Machine } from './machine.ts';

/** Nobody's; asking for its secret tells why none can be read. */
const NOBODY = AccountId.parse('acc_00000000');

const { ok, notice, bad } = checksOf('keychain');

const KINDS = {
  keychain: 'The keychain of this computer is open',
  passphrase: 'The saved sign-ins are unlocked by their passphrase',
  memory: '',
} as const;

/** Whether saved sign-ins can be used, and if not, what to do. Never asks the person for anything. */
export async function lookAtKeychain(
  vault: Pick<Vault, 'kind' | 'state' | 'load'>,
  { platform }: Pick<Machine, 'platform'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kind, state } = vault;
  if (kind === 'memory') {
    const text = 'Sign-ins are kept in memory only and are forgotten when Gangway ends.';
    return [notice('vault-memory', text, 'Start Gangway without GANGWAY_VAULT=memory to keep them.')];
  }
  if (state === 'ready') return [ok('keychain', `${KINDS[kind]}.`)];
  const why = await vault.load(NOBODY, signal).then(
    () => '',
    (error: unknown) => asBridgeError(error).message,
  );
  const text = why.split('. ')[0] ?? '';
  return [bad(`vault-${state}`, `${text.replace(/\.$/, '')}.`, fixOf(kind, state, platform))];
}

function fixOf(
  kind: 'keychain' | 'passphrase',
  state: Exclude<VaultState, 'ready'>,
  platform: NodeJS.Platform,
): string {
  if (kind === 'passphrase') {
    return state === 'empty'
      ? 'Restore passphrase.json in the folder vault, or remove the accounts and add them again.'
      : 'Enter the passphrase: gangway unlock';
  }
  switch (state) {
    case 'locked':
      return 'Unlock the keychain, or be asked for it now: gangway unlock';
    case 'denied':
      return 'Allow Gangway access when you are asked: gangway unlock';
    case 'empty':
      return 'Restore the keychain, or remove the accounts and add them again.';
    case 'absent':
      return platform === 'linux'
        ? 'Install a keychain and sign in to the desktop again, for example: sudo apt install gnome-keyring. Without a desktop, set GANGWAY_VAULT=passphrase.'
        : 'Start the keychain of this computer, or set GANGWAY_VAULT=passphrase.';
    default:
      return state satisfies never;
  }
}
