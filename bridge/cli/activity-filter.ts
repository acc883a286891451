import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ActivityFilter } from '../contract/activity.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ControlClient } from '../control/client.ts';
import { accountNamed } from './account-name.ts';

/** Which entries of the activity log a person wants. `account` is a name as typed. */
export type EntryChoice = Pick<
  ActivityFilter,
  'account' | 'client' | 'target' | 'outcome' | 'since' | 'until'
>;

export interface EntryFlags {
  readonly account?: string;
  readonly client?: string;
  readonly tool?: string;
  readonly outcome?: EntryChoice['outcome'];
  readonly since?: string;
  readonly until?: string;
}

const OUTCOMES = ['ok', 'tool-error', 'error', 'blocked', 'cancelled', 'unknown'];
const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
};

/** Adds the flags that choose entries. */
export function declareEntryChoice(command: Command): void {
  command
    .option('--account <account>', 'only this account')
    .option('--client <name>', 'only this client')
    .option('--tool <name>', 'only this tool, prompt or resource')
    .addOption(new Option('--outcome <outcome>', 'only what ended like this').choices(OUTCOMES))
    .option('--since <time>', 'from then on: 30m, 2h, 7d ago, or a date', readTime)
    .option('--until <time>', 'up to then', readTime);
}

export function readEntryChoice(flags: EntryFlags): EntryChoice {
  return {
    ...(flags.account === undefined ? {} : { account: flags.account }),
    ...(flags.client === undefined ? {} : { client: flags.client }),
    ...(flags.tool === undefined ? {} : { target: flags.tool }),
    ...(flags.outcome === undefined ? {} : { outcome: flags.outcome }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
  };
}

/** A time ago or a date as a moment. */
function readTime(typed: string): string {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(typed) ?? [];
  const ms = amount === undefined ? Date.parse(typed) : Date.now() - Number(amount) * (UNITS_MS[unit] ?? 0);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Write it as 30m, 2h, 7d or 2026-11-21T09:00.');
  return new Date(ms).toISOString();
}

/**
 * The choice with the account's id in place of its name. An id may belong to an account that is gone by now.
 * @throws BridgeError `account-unknown` when no account, or more than one, has this name.
 */
export async function withAccountId<T extends EntryChoice>(
  choice: T,
  control: ControlClient,
  signal: AbortSignal,
): Promise<T> {
  const { account: name } = choice;
  if (name === undefined || name.startsWith('acc_')) return choice;
  const accounts = await control.accounts.list(undefined, { signal });
  const found = accountNamed(accounts, name);
  if (!found) {
    throw new BridgeError(
      'account-unknown',
      'No account, or more than one, has this name. Run "gangway accounts" for the names.',
    );
  }
  return { ...choice, account: found.id };
}
