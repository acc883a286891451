import { Option } from 'commander';
import { oneLine } from '../../base/text.ts';
import { ConnectorId } from '../../contract/connector.ts';
import type { WorkspaceLook } from '../../contract/control.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { padded } from '../table.ts';

export interface LookOptions {
  readonly address: string;
  readonly connector: ConnectorId | undefined;
  readonly ownNetwork: boolean;
}

interface LookFlags {
  readonly connector?: ConnectorId;
  readonly ownNetwork?: boolean;
}

type State = WorkspaceLook['checks'][number]['state'];

const MARKS: Readonly<Record<State, string>> = { ok: '✓', failed: '✗', skipped: '-' };
const COLORS: Readonly<Record<State, 'green' | 'red' | 'dim'>> = {
  ok: 'green',
  failed: 'red',
  skipped: 'dim',
};

export const command = bridgeCommand<LookFlags, LookOptions>({
  usage: 'look <address>',
  summary: 'say what is at an address and how one signs in there, without any key',
  declare: (declared) =>
    declared
      .addOption(new Option('--connector <connector>', 'kind of workspace').choices(ConnectorId.options))
      .option('--own-network', 'the address may be on this computer or in a private network'),
  parse: ([address = ''], { connector, ownNetwork = false }) => ({ address, connector, ownNetwork }),
  run: lookAt,
});

/** What is there, check by check. Nothing is saved. */
export async function lookAt(options: LookOptions, parts: CommandParts): Promise<Shown> {
  const { address, connector, ownNetwork } = options;
  const { control, terminal, signal } = parts;
  const typed = { url: address, ...(connector === undefined ? {} : { connector }), ownNetwork };
  const found = await control.workspaces.look(typed, { signal });
  const lines = found.checks.map(({ name, state, text }) => {
    const mark = terminal.style(COLORS[state], MARKS[state]);
    return `${mark} ${padded(name, 'certificate'.length)}  ${oneLine(text, 300)}`;
  });
  const isWell = found.checks.every(({ state }) => state === 'ok');
  return { value: found, lines: isWell ? [...lines, nextStep(found)] : lines };
}

function nextStep({ connector, signIn: [way] }: WorkspaceLook): string {
  return `Add it with: gangway add ${connector} --url ADDRESS${way === undefined ? '' : ` --sign-in ${way}`}`;
}
