import { type Command, Option } from 'commander';
import type { Color, Environment } from '../../contract/account.ts';
import type { RulesChange } from '../../contract/control.ts';
import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { counted, environmentOf } from '../words.ts';

export interface UpdateOptions {
  readonly account: string;
  readonly label?: string;
  readonly color?: Color;
  readonly environment?: Environment;
  readonly rules?: RulesChange;
}

interface UpdateFlags {
  readonly label?: string;
  readonly color?: Color;
  readonly environment?: Environment;
  readonly readOnly?: boolean;
  readonly allow?: readonly string[];
  readonly allowAll?: boolean;
  readonly deny?: readonly string[];
  readonly denyNone?: boolean;
}

const COLORS = ['slate', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink'];

export const command = bridgeCommand<UpdateFlags, UpdateOptions>({
  usage: 'update <account>',
  summary: 'change label, colour, environment or rules',
  details:
    'Tools are named exactly as the workspace names them. The tools given with --allow or --deny replace the list ' +
    'there was. The short name stays, so that addresses keep their meaning.',
  declare,
  parse: parseUpdate,
  run: updateAccount,
});

function declare(declared: Command): void {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  declared
    .option('--label <label>', 'what you call it')
    .addOption(new Option('--color <color>', 'its colour').choices(COLORS))
    .addOption(
      new Option('--environment <environment>', 'which one it is').choices([
        'production',
        'staging',
        'development',
      ]),
    )
    .option('--read-only', 'let no call through that changes something')
    .option('--no-read-only', 'let calls through that change something')
    .option('--allow <tool>', 'let only this tool through; repeatable', several)
    .addOption(new Option('--allow-all', 'let every tool through that is not denied').conflicts('allow'))
    .option('--deny <tool>', 'never let this tool through; repeatable', several)
    .addOption(new Option('--deny-none', 'deny no tool by name').conflicts('deny'));
}

/** @throws BridgeError `invalid-input` when nothing is to be changed. */
export function parseUpdate([account = '']: readonly string[], flags: UpdateFlags): UpdateOptions {
  const { label, color, environment } = flags;
  const rules: RulesChange = {
    ...(flags.readOnly === undefined ? {} : { readOnly: flags.readOnly }),
    ...(flags.allow ? { allow: [...flags.allow] } : {}),
    ...(flags.allowAll ? { allow: null } : {}),
    ...(flags.deny ? { deny: [...flags.deny] } : {}),
    ...(flags.denyNone ? { deny: [] } : {}),
  };
  const change = {
    ...(label === undefined ? {} : { label }),
    ...(color === undefined ? {} : { color }),
    ...(environment === undefined ? {} : { environment }),
    ...(Object.keys(rules).length > 0 ? { rules } : {}),
  };
  if (Object.keys(change).length === 0) {
    throw new BridgeError('invalid-input', 'Say what to change, for example --label or --read-only.');
  }
  return { account, ...change };
}

/** Changes an account. */
export async function updateAccount(options: UpdateOptions, parts: CommandParts): Promise<Shown> {
  const account = await parts.control.accounts.update(options, { signal: parts.signal });
  const { rules } = account;
  const allowed = rules.allow ? `only ${counted(rules.allow.length, 'tool')} allowed` : 'all tools allowed';
  const denied = rules.deny.length > 0 ? `, ${rules.deny.length} denied` : '';
  const facts = [
    account.color,
    environmentOf(account),
    rules.readOnly ? 'read-only' : 'reads and writes',
    `${allowed}${denied}`,
  ];
  return { value: account, lines: [`${account.label} (${account.slug}): ${facts.join(', ')}`] };
}
