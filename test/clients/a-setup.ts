import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Signal } from '#bridge/base/events.ts';
import type { Log } from '#bridge/base/log.ts';
import type { System } from '#bridge/clients/known/client.ts';
import { ClientSetups, type ClientSetupsParts } from '#bridge/clients/setups.ts';
import { ClientTokens } from '#bridge/clients/tokens.ts';
import type { ChangedClient, ChangePreview, ClientConnection, ClientId } from '#contract/clients.ts';
import type { AccountView } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import type { SessionView } from '#contract/session.ts';
import { adoptSecret } from '../canary/canary.ts';
import { allowSecrets, collect, collectError } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountView } from '../renderer/account-view.ts';

export const CURSOR = '.cursor/mcp.json';
export const CLAUDE = '.config/Claude/claude_desktop_config.json';

/** Clients' files in a home of a test's own, and everything that setting them up needs. */
export interface Setup {
  readonly setups: ClientSetups;
  readonly tokens: ClientTokens;
  /** What the bridge around it is like; tests change it. */
  readonly world: {
    accounts: AccountView[];
    sessions: SessionView[];
    /** Port of the HTTP door; undefined while it is closed. */
    port: number | undefined;
    /** The command that stdio entries start. */
    command: string | undefined;
    now: Date;
    added: unknown[];
    addFails: BridgeError | undefined;
  };
  readonly events: string[];
  /** Something of the world changed. */
  readonly surroundings: Signal<void>;
  readonly data: string;
  path(file: string): string;
  put(file: string, content: string | Buffer): Promise<string>;
  read(file: string): Promise<string>;
  bytes(file: string): Promise<Buffer>;
  connect(client: ClientId, address?: string, door?: 'stdio' | 'http'): Promise<ChangedClient>;
  disconnect(client: ClientId, address?: string): Promise<ChangedClient>;
  preview(client: ClientId, address?: string, door?: 'stdio' | 'http'): Promise<ChangePreview>;
  connection(client: ClientId, address?: string): ClientConnection;
  /** The same data folder after a restart. */
  again(): Promise<ClientSetups>;
}

/**
 * Local tokens stand in the clients' own files, and copies of those files hold what was in them: both by design, so these
 * two places are excepted. Everything else, shown or written, is searched for secrets.
 */
export async function aSetup(change: Partial<ClientSetupsParts> = {}): Promise<Setup> {
  const person = (await temporaryHome()).path;
  const data = (await temporaryHome()).path;
  allowSecrets({ place: new RegExp(`^file ${person}/`), because: 'it is the file of the client' });
  allowSecrets({ place: new RegExp(`^file ${data}/backups/`), because: 'it is a copy of that file' });
  const world: Setup['world'] = {
    accounts: [accountView({ current: true, active: true })],
    sessions: [],
    port: 4100,
    command: join(person, 'gangway-shim'),
    now: new Date(2026, 10, 21, 14, 2),
    added: [],
    addFails: undefined,
  };
  await writeFile(join(person, 'gangway-shim'), '');
  const events: string[] = [];
  const tokens = await ClientTokens.open({
    path: join(data, 'clients.json'),
    log: log(events),
    now: () => world.now,
    learn: (secret) => adoptSecret('local', secret),
  });
  const surroundings = new Signal<void>();
  const parts: ClientSetupsParts = {
    paths: {
      connections: join(data, 'connections.json'),
      backups: join(data, 'backups'),
      bundles: join(data, 'bundles'),
    },
    system: realSystem(person),
    tokens,
    accounts: () => world.accounts,
    sessions: () => world.sessions,
    surroundingsChanged: [surroundings, tokens.changed],
    stdioCommand: (address, client) => {
      refuseUnknown(world, address);
      if (world.command === undefined) throw new BridgeError('conflict', 'There is no command.');
      const name = address === 'current' ? [] : [address];
      return { command: world.command, args: [...name, '--client', client] };
    },
    endpointUrl: (address) => {
      if (world.port === undefined) throw new BridgeError('port-taken', 'The HTTP door is closed.');
      refuseUnknown(world, address);
      return `http://127.0.0.1:${world.port}/mcp${address === 'current' ? '' : `/${address}`}`;
    },
    addAccount: async (account) => {
      if (world.addFails) throw world.addFails;
      world.added.push(account);
      const added = accountView({ id: 'acc_00000009', label: account.label ?? 'New' });
      const view = { ...added, slug: added.slug.replace(/.*/, 'brought') as typeof added.slug };
      world.accounts = [...world.accounts, view];
      return { account: view, notes: ['It has 3 tools.'] };
    },
    recognise: () => ({ connector: 'custom', ownNetwork: false }),
    slugFor: () => 'brought',
    bundledShim: undefined,
    version: '1.2.3',
    now: () => world.now,
    log: log(events),
    ...change,
  };
  const setups = await ClientSetups.open(parts);
  setups.changed.on(() => collect('list of clients', JSON.stringify(setups.list())));
  const path = (file: string): string => join(person, file);
  const shown = (preview: ChangePreview): ChangePreview => {
    collect('preview', `${JSON.stringify(preview)}\n${preview.added}\n${preview.removed}\n`);
    return preview;
  };
  const write = (token: string): Promise<ChangedClient> => setups.write(token, AbortSignal.timeout(10_000));
  return {
    setups,
    tokens,
    world,
    events,
    surroundings,
    data,
    path,
    put: async (file, content) => {
      await mkdir(dirname(path(file)), { recursive: true });
      await writeFile(path(file), content);
      return path(file);
    },
    read: (file) => readFile(path(file), 'utf8'),
    bytes: (file) => readFile(path(file)),
    preview: async (client, address = 'current', door) =>
      shown(await setups.preview({ client, address, ...(door && { door }) })),
    connect: async (client, address = 'current', door) => {
      const { token } = shown(await setups.preview({ client, address, ...(door && { door }) }));
      return write(token);
    },
    disconnect: async (client, address) =>
      write(shown(await setups.previewRemoval({ client, ...(address && { address }) })).token),
    connection: (client, address = 'current') => {
      const view = setups.list().find(({ id }) => id === client);
      const found = view?.connections.find((one) => one.address === address);
      if (!found) throw new Error(`${client} has no connection for ${address}`);
      return found;
    },
    again: () => ClientSetups.open(parts),
  };
}

/** A conversation of a client with the bridge, after its handshake. */
export function aSession(change: Partial<SessionView> = {}): SessionView {
  return {
    id: 'ses_1',
    client: 'Cursor',
    program: 'cursor 3.1',
    door: 'http',
    address: 'current',
    account: 'acc_00000001',
    protocolVersion: '2025-11-25',
    since: new Date(2026, 10, 21, 14, 5).toISOString(),
    calls: 1,
    ...change,
  };
}

function realSystem(home: string): System {
  return {
    platform: 'linux',
    home,
    environment: {},
    exists: (path) => existsSync(path),
    names: (folder) => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
  };
}

function refuseUnknown({ accounts }: Setup['world'], address: string): void {
  if (address === 'current' || accounts.some(({ slug }) => slug === address)) return;
  throw new BridgeError('account-unknown', `Nothing is called ${address}.`);
}

function log(events: string[]): Log {
  const record = (event: string, facts?: object): void => {
    events.push(event);
    collect('log', `${event} ${JSON.stringify(facts ?? {})}\n`);
  };
  return {
    debug: record,
    info: record,
    warn: record,
    error: (event, error, facts) => {
      record(event, facts);
      collectError('error in the log', error);
    },
  };
}
