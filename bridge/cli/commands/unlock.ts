import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { askPassphrase } from '../secrets.ts';

export const command = bridgeCommand({
  usage: 'unlock',
  summary: 'open the saved sign-ins: ask the keychain again, or you for the passphrase',
  parse: () => undefined,
  run: (_, parts) => unlock(parts),
});

/**
 * Tries to open the vault now. The system may ask the person; where a passphrase is needed, this terminal does.
 * @throws BridgeError `vault-*` when it stays shut.
 */
export async function unlock(parts: CommandParts): Promise<Shown> {
  const { control, isHosted, signal } = parts;
  const before = await control.status(undefined, { signal });
  if (before.vault.state === 'ready') {
    return { value: before, lines: ['The saved sign-ins are unlocked already.'] };
  }
  // A bridge that this command hosts has asked for the passphrase itself.
  const asks = before.vault.kind === 'passphrase' && !isHosted();
  const passphrase = asks ? await askPassphrase(parts) : undefined;
  const after = await control.vault.open(passphrase === undefined ? {} : { passphrase }, { signal });
  const line = isHosted()
    ? 'The saved sign-ins can be unlocked. The bridge does not run; start it with: gangway serve'
    : 'The saved sign-ins are unlocked.';
  return { value: after, lines: [line] };
}
