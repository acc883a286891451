import { withChecklist } from '../checklist.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { readSecrets } from '../secrets.ts';

export interface RotateOptions {
  readonly account: string;
  readonly keyStdin: boolean;
  readonly check: boolean;
}

interface RotateFlags {
  readonly keyStdin?: boolean;
  readonly check: boolean;
}

export const command = bridgeCommand<RotateFlags, RotateOptions>({
  usage: 'rotate <account>',
  summary: 'replace the key of an account',
  details: 'The new key is tried first; the old one stays when the workspace refuses it.',
  declare: (declared) =>
    declared
      .option('--key-stdin', 'read the key from stdin')
      .option('--no-check', 'save it without asking the workspace'),
  parse: ([account = ''], flags) => ({ account, keyStdin: flags.keyStdin ?? false, check: flags.check }),
  run: rotateKey,
});

/** Replaces the key in place. @throws BridgeError with the old key still in use. */
export async function rotateKey(options: RotateOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const { account: name, keyStdin, check } = options;
  const wanted = { what: name, ask: !keyStdin, keyStdin, headersStdin: [] };
  const { key = '' } = await readSecrets(wanted, terminal, signal);
  const checked = await withChecklist(terminal, name, check, () =>
    control.accounts.rotateKey({ account: name, key, check }, { signal }),
  );
  return { value: checked, lines: [`${checked.account.label} has a new key.`] };
}
