import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { deepFreeze } from '../base/deep-freeze.ts';
import { Signal } from '../base/events.ts';
import { JsonFile } from '../base/json-file.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { Account, AccountId, Slug } from '../contract/account.ts';
import { ConnectorId } from '../contract/connector.ts';
import type { AccountCondition, AccountView } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import { migrations } from './migrations.ts';
import { numberedLabel, slugFor } from './names.ts';

/** Nobody removes this many accounts, and the file stays small. */
const MOST_RETIRED = 1000;

/** Content of accounts.json. No secret is in it. */
export const AccountsDocument = z
  .strictObject({
    /** The account that the address `current` means. */
    current: AccountId.nullable(),
    /** The account that the address `<connector>` means. */
    active: z.partialRecord(ConnectorId, AccountId),
    accounts: z.array(Account),
    /** Short names of accounts that were removed. None is given again: an app may still be pinned to it. */
    retired: z.array(Slug),
  })
  .refine((document) => new Set(document.accounts.map(({ id }) => id)).size === document.accounts.length);
export interface AccountsDocument {
  readonly current: AccountId | null;
  readonly active: Readonly<Partial<Record<ConnectorId, AccountId>>>;
  readonly accounts: readonly Account[];
  readonly retired: readonly Slug[];
}

export interface AccountsChange {
  readonly before: AccountsDocument;
  readonly after: AccountsDocument;
}

/** Where the list of accounts is kept. */
export type AccountsFile = Pick<JsonFile<z.infer<typeof AccountsDocument>>, 'read' | 'write'>;

function fileAt(path: string): AccountsFile {
  return new JsonFile({
    path,
    what: 'The list of accounts',
    schema: AccountsDocument,
    migrations,
    empty: () => ({ current: null, active: {}, accounts: [], retired: [] }),
  });
}

/**
 * The list of accounts, which of them is current and which is active for its connector. Snapshots never change;
 * changes run one at a time, are saved first and announced then.
 */
export class AccountRegistry {
  readonly changed = new Signal<AccountsChange>();
  /** Where a damaged file was moved when the registry was opened. */
  readonly setAside: string | undefined;
  readonly #file: AccountsFile;
  readonly #queue = new KeyedQueue<'accounts'>();
  #document: AccountsDocument;

  private constructor(file: AccountsFile, document: AccountsDocument, setAside: string | undefined) {
    this.#file = file;
    this.#document = document;
    this.setAside = setAside;
  }

  /**
   * Reads accounts.json, or begins with no account.
   * @param file what is read and written in its place.
   * @throws BridgeError `newer-file`, `storage`.
   */
  static async open(path: string, log: Log, file: AccountsFile = fileAt(path)): Promise<AccountRegistry> {
    const { document, setAside } = await file.read();
    if (setAside) log.warn('accounts.set-aside', { file: setAside });
    const sound = healed(document);
    if (!isDeepStrictEqual(sound, document)) log.warn('accounts.healed', { accounts: sound.accounts.length });
    return new AccountRegistry(file, deepFreeze(sound), setAside);
  }

  get snapshot(): AccountsDocument {
    return this.#document;
  }

  get(id: AccountId): Account | undefined {
    return this.#document.accounts.find((account) => account.id === id);
  }

  /**
   * The account a person means by an id, a slug or a label that only one account has.
   * @throws BridgeError `account-unknown` that lists what there is.
   */
  find(name: string): Account {
    return findAccount(this.#document.accounts, name);
  }

  /** Adds an account; its label and slug are numbered when they are taken by now. The very first becomes current. */
  async add(account: Account): Promise<Account> {
    let added = account;
    await this.#change((before) => {
      const label = numberedLabel(account.label, before.accounts.map(labelOf));
      added = { ...account, label, slug: slugFor(account.slug, takenSlugs(before)) };
      return {
        ...before,
        current: before.accounts.length === 0 ? added.id : before.current,
        active: { [added.connector]: added.id, ...before.active },
        accounts: [...before.accounts, added],
      };
    });
    return added;
  }

  /** Replaces an account by `edit` of what it is then. Id, slug and connector stay. @throws `account-unknown`. */
  async update(id: AccountId, edit: (account: Account) => Account): Promise<Account> {
    let updated: Account | undefined;
    await this.#change((before) => {
      const account = mustHave(before, id);
      const others = before.accounts.filter((other) => other.id !== id).map(labelOf);
      const edited = edit(account);
      const label = edited.label === account.label ? account.label : numberedLabel(edited.label, others);
      updated = { ...edited, id, slug: account.slug, connector: account.connector, label };
      const replacement = updated;
      return {
        ...before,
        accounts: before.accounts.map((other) => (other.id === id ? replacement : other)),
      };
    });
    return updated ?? mustHave(this.#document, id);
  }

  /** Removes an account. No other account takes its place as current or active one, and none gets its short name. @throws `account-unknown`. */
  async remove(id: AccountId): Promise<Account> {
    let removed: Account | undefined;
    await this.#change((before) => {
      removed = mustHave(before, id);
      return {
        current: before.current === id ? null : before.current,
        active: Object.fromEntries(Object.entries(before.active).filter(([, active]) => active !== id)),
        accounts: before.accounts.filter((account) => account.id !== id),
        retired: [...before.retired, removed.slug].slice(-MOST_RETIRED),
      };
    });
    return removed ?? mustHave(this.#document, id);
  }

  /** Makes an account the current one and the active one of its connector. @throws `account-unknown`. */
  async setCurrent(id: AccountId): Promise<void> {
    await this.#change((before) => ({
      ...before,
      current: id,
      active: { ...before.active, [mustHave(before, id).connector]: id },
    }));
  }

  /** Makes an account the active one of its connector; the current account stays. @throws `account-unknown`. */
  async setActive(id: AccountId): Promise<void> {
    await this.#change((before) => ({
      ...before,
      active: { ...before.active, [mustHave(before, id).connector]: id },
    }));
  }

  async #change(edit: (before: AccountsDocument) => AccountsDocument): Promise<void> {
    await this.#queue.run('accounts', async () => {
      const before = this.#document;
      const after = deepFreeze(structuredClone(edit(before)));
      if (isDeepStrictEqual(before, after)) return;
      await this.#file.write({
        ...after,
        active: { ...after.active },
        accounts: [...after.accounts],
        retired: [...after.retired],
      });
      this.#document = after;
      this.changed.announce({ before, after });
    });
  }
}

/** The account as user interfaces see it. */
export function viewOf(
  document: AccountsDocument,
  account: Account,
  condition: AccountCondition,
): AccountView {
  return {
    ...account,
    condition,
    current: document.current === account.id,
    active: document.active[account.connector] === account.id,
  };
}

function findAccount(accounts: readonly Account[], name: string): Account {
  const wanted = name.trim().toLowerCase();
  const exact = accounts.find(({ id, slug }) => id === name.trim() || slug === wanted);
  if (exact) return exact;
  const labelled = accounts.filter(({ label }) => label.toLowerCase() === wanted);
  const [only] = labelled;
  if (only && labelled.length === 1) return only;
  if (accounts.length === 0) throw unknown('There is no account yet. Add one first.');
  const candidates = (labelled.length > 0 ? labelled : accounts).map(({ slug }) => slug);
  const because = labelled.length > 0 ? 'Several accounts have this label' : 'No account has this name';
  throw unknown(`${because}. Choose one of: ${listed(candidates, 220)}.`);
}

function listed(names: readonly string[], limit: number): string {
  const shown: string[] = [];
  for (const name of names) {
    if (shown.join(', ').length + name.length + 2 > limit) break;
    shown.push(name);
  }
  const left = names.length - shown.length;
  return shown.join(', ') + (left > 0 ? ` and ${left} more` : '');
}

function healed(document: AccountsDocument): AccountsDocument {
  const accounts: Account[] = [];
  for (const account of document.accounts) {
    const taken = accounts.map(({ slug }) => slug);
    accounts.push(
      taken.includes(account.slug) ? { ...account, slug: slugFor(account.slug, taken) } : account,
    );
  }
  const known = (id: AccountId | null): Account | undefined => accounts.find((account) => account.id === id);
  return {
    current: known(document.current)?.id ?? null,
    active: Object.fromEntries(
      Object.entries(document.active).filter(([connector, id]) => known(id)?.connector === connector),
    ),
    accounts,
    retired: document.retired,
  };
}

/** Short names that no new account may get. */
export function takenSlugs({ accounts, retired }: AccountsDocument): Slug[] {
  return [...accounts.map(({ slug }) => slug), ...retired];
}

function labelOf(account: Account): string {
  return account.label;
}

function mustHave(document: AccountsDocument, id: AccountId): Account {
  const found = document.accounts.find((account) => account.id === id);
  if (!found) throw unknown('This account does not exist any more.');
  return found;
}

function unknown(message: string): BridgeError {
  return new BridgeError('account-unknown', message);
}
