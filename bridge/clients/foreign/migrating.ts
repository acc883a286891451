import type { AccountView, CheckedAccount, NewAccount } from '../../contract/control.ts';
import { asBridgeError, BridgeError } from '../../contract/errors.ts';
import type { Changes } from '../changes.ts';
import type { ConfigFile } from '../files/config-file.ts';
import type { ConfigTable } from '../formats/format.ts';
import type { FileClient } from '../known/client.ts';
import { holdsOurs } from '../placing.ts';
import {
  chooseWay,
  fileClient,
  openFile,
  type PlanningParts,
  type Shown,
  shownPlan,
  wayTo,
} from '../planning.ts';
import { besides, shownName, stays, type Way } from '../preview-text.ts';
import { type FoundEntry, findForeign } from './foreign.ts';
import { addMigrated, migrate, type Recognise } from './migration.ts';
import { restrictionsIn } from './server-entries.ts';

/** A foreign entry whose place an entry of ours takes, and the account that does what it did. */
export interface MigrationPlan {
  readonly kind: 'migrate';
  readonly client: FileClient;
  readonly found: FoundEntry;
  readonly file: ConfigFile;
  readonly door: Way['door'];
  /** What the client was told not to use, which goes on. */
  readonly kept: ConfigTable;
  readonly clean: boolean;
  /** The account that is there already, or how the one is called that is added. */
  readonly account: { readonly slug: string } | { readonly label: string | undefined };
}

export interface MigratingParts extends PlanningParts {
  readonly accounts: () => readonly AccountView[];
  readonly addAccount: (account: NewAccount, signal: AbortSignal) => Promise<CheckedAccount>;
  readonly recognise: Recognise;
  /** The short name that an account of this label would get. */
  readonly slugFor: (label: string) => string;
}

export interface WantedMigration {
  readonly id: string;
  readonly label?: string | undefined;
  /** Short name of the account that the entry is to use; absent, one is added for it. */
  readonly account?: string | undefined;
}

/**
 * An account that is there already is used only when the person names it: at one address there may be several people, and a
 * key does not say whose it is.
 * @throws BridgeError `conflict` when the entry is not as it was found, or that account does not fit it; `invalid-input`
 * when it has not what an account needs.
 */
export async function planMigration(
  { id, label, account: wanted }: WantedMigration,
  clients: readonly FileClient[],
  parts: MigratingParts,
): Promise<{ plan: MigrationPlan; shown: Shown }> {
  const { entries } = await findForeign(clients, parts.system, parts.accounts(), doorOf(parts));
  const found = entries.find((entry) => entry.id === id);
  if (!found) {
    throw new BridgeError('conflict', 'This entry is not there any more as it was shown. Look again.');
  }
  const client = fileClient(found.client);
  const { file, servers } = await openFile(client, found.path, parts.system.home);
  const existing = wanted === undefined ? undefined : accountNamed(wanted, found, parts);
  // Its secrets are taken out of their coats once more when it is added, so that no plan keeps them.
  const added = existing ? undefined : migrate(found, parts.recognise, label);
  const slug = existing?.slug ?? parts.slugFor(added?.account.label ?? found.entry);
  if (existing) refuseSecond(client, slug, parts);
  const { way } = chooseWay(client, { client: client.id, address: 'current' }, parts);
  const kept = restrictionsIn(servers.get(found.entry));
  const own = parts.connections.of(client.id).filter(({ path }) => path === found.path);
  const plan: MigrationPlan = {
    kind: 'migrate',
    client,
    found,
    file,
    door: way.door,
    kept,
    clean: !holdsOurs(own, servers),
    account: existing ? { slug } : { label },
  };
  const others = [...servers.keys()].filter((name) => name !== found.entry);
  const shown = shownPlan(
    { client, address: slug, way: towards(way, slug), file, entry: found.entry, kept },
    servers,
  );
  return {
    plan,
    shown: {
      ...shown,
      kind: 'migrate',
      said: saidOf(plan, existing?.label, added?.notes ?? [], others.length),
      others: others.map(shownName),
    },
  };
}

/**
 * Adds the account first: when the workspace refuses it, the client's entry stays as it was.
 * @returns in words what the person should know besides.
 * @throws BridgeError whatever adding an account may throw; `conflict`, `storage`.
 */
export async function carryOut(
  plan: MigrationPlan,
  changes: Changes,
  parts: MigratingParts,
  signal: AbortSignal,
): Promise<string[]> {
  const { client, found, door, kept, clean } = plan;
  const file = await changes.readAgain(plan.file);
  const added =
    'slug' in plan.account ? undefined : await addAccount(found, plan.account.label, parts, signal);
  const address = 'slug' in plan.account ? plan.account.slug : (added?.account.slug ?? '');
  try {
    const way = wayTo(client, address, door, parts);
    const said = await changes.connect({
      kind: 'connect',
      client,
      address,
      way,
      file,
      entry: found.entry,
      kept,
      clean,
    });
    const news = added ? [`The account ${added.account.label} was added.`, ...added.notes] : [];
    return [...news, ...said];
  } catch (error) {
    if (!added) throw error;
    const { code, message } = asBridgeError(error);
    const text = `The account ${added.account.label} was added, but the entry is as it was. ${message}`;
    throw new BridgeError(code, text.slice(0, 300), {}, error);
  }
}

async function addAccount(
  found: FoundEntry,
  label: string | undefined,
  { addAccount: add, recognise }: MigratingParts,
  signal: AbortSignal,
): Promise<CheckedAccount> {
  return addMigrated({ ...migrate(found, recognise, label).account, check: true }, add, signal);
}

/** @throws BridgeError `conflict` when it is not the account that was offered for this entry. */
function accountNamed(slug: string, found: FoundEntry, parts: MigratingParts): AccountView {
  const account = parts.accounts().find((one) => one.slug === slug);
  if (account && found.account === slug) return account;
  throw new BridgeError('conflict', `The account ${slug} does not fit this entry any more. Look again.`);
}

/** Where the HTTP door is, if it is open. */
export function doorOf({ endpointUrl }: Pick<PlanningParts, 'endpointUrl'>): string | undefined {
  try {
    return endpointUrl('current');
  } catch {
    return undefined;
  }
}

/** One address has one entry in a client, because some merge two of them. */
function refuseSecond(client: FileClient, slug: string, { connections }: PlanningParts): void {
  const other = connections.find(client.id, slug);
  if (!other) return;
  throw new BridgeError(
    'conflict',
    `${client.name} reaches this account by the entry ${other.entry} already. Remove the older entry in ${client.name}.`,
  );
}

/** The way to an account that is yet to be added. */
function towards(way: Way, slug: string): Way {
  if (way.door === 'http') return { ...way, url: `${way.url}/${slug}` };
  const end = way.args.indexOf('--client');
  const at = end === -1 ? way.args.length : end;
  return { ...way, args: [...way.args.slice(0, at), slug, ...way.args.slice(at)] };
}

function saidOf(
  { client, found, kept, account }: MigrationPlan,
  label: string | undefined,
  notes: readonly string[],
  others: number,
): string[] {
  const name = shownName(found.entry);
  const by = found.by === 'mcp-remote' ? 'by mcp-remote' : 'by itself';
  const said = [
    `The entry ${name}, by which ${client.name} reaches ${found.host} ${by}, leads to Gangway then.`,
  ];
  if ('slug' in account) {
    said.push(`It uses the account ${label ?? account.slug}, which is there already.`);
    if (found.headers.length > 0)
      said.push(`What it sends as ${found.headers.join(', ')} goes; only the copy of the file keeps it.`);
  } else {
    said.push(`First an account for ${found.host} is added and checked.`);
    if (found.headers.length > 0)
      said.push(`What it sends as ${found.headers.join(', ')} moves into the vault.`);
    if (found.oauth) said.push('You sign in once more, in Gangway.');
    said.push(...notes);
  }
  const names = Object.keys(kept).map(shownName);
  if (names.length > 0) said.push(besides(names));
  return [...said, ...stays(others), 'A copy of the file is kept, with everything that is in it now.'];
}
