import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Account, Color, Environment, SelectedUser } from './account.ts';
import { ActivityEntry, ActivityFilter } from './activity.ts';
import { ConnectorId } from './connector.ts';
import { SessionView } from './session.ts';
import { Settings, SettingsChange } from './settings.ts';
import { SignedOut, SignInChoice, SignInId, SignInView } from './sign-in.ts';

/** Id, slug, or unambiguous label of an account, as a person types it. */
const AccountName = z.string().min(1).max(200);

/** Some of an account's rules; `allow: null` takes the list away, so that every tool is allowed again. */
export const RulesChange = z.strictObject({
  readOnly: z.boolean().optional(),
  allow: z.array(z.string()).nullable().optional(),
  deny: z.array(z.string()).optional(),
});
export type RulesChange = z.infer<typeof RulesChange>;

/** What a person enters to add an account. The only shapes in which a secret travels, and only inwards. */
export const NewAccount = z.strictObject({
  connector: ConnectorId,
  label: z.string().optional(),
  /** Address or bare host, as typed. */
  url: z.string().optional(),
  /** Workspace id, for connectors whose address contains one. */
  workspace: z.string().optional(),
  environment: Environment.optional(),
  color: Color.optional(),
  /** Selected user as typed: e-mail or id. */
  user: z.string().optional(),
  signIn: z.enum(['none', 'key', 'oauth']).optional(),
  key: z.string().optional(),
  /** Header for the key: `authorization` or another name such as `x-api-key`. */
  keyHeader: z.string().optional(),
  /** OAuth client registered beforehand, for servers that register none by themselves. */
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  /** Address of a client id metadata document. */
  clientMetadataUrl: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  secretHeaders: z.record(z.string(), z.string()).default({}),
  /** Speaks HTTP+SSE (MCP 2024-11-05) or Streamable HTTP. */
  transport: z.enum(['http', 'sse']).optional(),
  /** Local command instead of an address. */
  command: z.array(z.string()).optional(),
  /** Folder in which the local command runs; an absolute path. */
  cwd: z.string().optional(),
  ownNetwork: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  /** Skip the identity and health check. */
  check: z.boolean().default(true),
});
export type NewAccount = z.input<typeof NewAccount>;

/** How an account is right now, with the one thing to do about it. */
export const AccountCondition = z.strictObject({
  state: z.enum([
    'ready',
    'signing-in',
    'sign-in-needed',
    /** The keychain is closed, so its credential cannot be read. */
    'locked',
    /** The authorization server cannot be reached; the sign-in is kept. */
    'offline',
    /** The authorization server or the workspace keeps refusing; tried again seldom. */
    'blocked',
    /** The server's set-up contradicts the rules of OAuth. */
    'misconfigured',
    /** Signed in, but saving failed; tried again until it works. */
    'unsaved',
  ]),
  /** One sentence; empty when the account is ready and nothing is to be said. */
  text: z.string(),
  action: z.enum(['none', 'sign-in', 'enter-key', 'unlock', 'wait', 'ask-support']),
  /** A scope that a call was refused for; signing in again asks for it too. */
  wider: z.string().optional(),
});
export type AccountCondition = z.infer<typeof AccountCondition>;

export const AccountView = Account.extend({
  /** This is the current account. */
  current: z.boolean(),
  /** This is its connector's active account. */
  active: z.boolean(),
  condition: AccountCondition,
});
export type AccountView = z.infer<typeof AccountView>;

/** Outcome of adding or checking an account. `notes` say in words what was cleaned, noticed or is worth knowing. */
export const CheckedAccount = z.strictObject({ account: AccountView, notes: z.array(z.string()) });
export type CheckedAccount = z.infer<typeof CheckedAccount>;

export const BridgeStatus = z.strictObject({
  version: z.string(),
  pid: z.number().int(),
  home: z.string(),
  socket: z.string(),
  url: z.string().nullable(),
  vault: z.strictObject({
    kind: z.enum(['keychain', 'passphrase', 'memory']),
    state: z.enum(['ready', 'locked', 'denied', 'absent', 'empty']),
  }),
  paused: z.boolean(),
  startedAt: z.iso.datetime(),
});
export type BridgeStatus = z.infer<typeof BridgeStatus>;

export const Endpoint = z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()) });
export type Endpoint = z.infer<typeof Endpoint>;

export const ClientToken = z.strictObject({
  id: z.string(),
  label: z.string(),
  address: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ClientToken = z.infer<typeof ClientToken>;

/** Everything a user interface shows, in slices that are replaced whole. */
export const Snapshot = z.strictObject({
  status: BridgeStatus,
  accounts: z.array(AccountView),
  /** Sign-ins under way, and those that ended a short while ago. */
  signIns: z.array(SignInView),
  sessions: z.array(SessionView),
  clients: z.array(ClientToken),
  settings: Settings,
  recent: z.array(ActivityEntry),
});
export type Snapshot = z.infer<typeof Snapshot>;
export type SnapshotChange = Partial<Snapshot>;

/** Outcome of a switch: which sessions follow it and which are pinned elsewhere. */
export const Switched = z.strictObject({
  account: AccountView,
  following: z.array(z.string()),
  notAffected: z.array(z.string()),
});
export type Switched = z.infer<typeof Switched>;

/**
 * The one contract: tray, window, panel and command line are equal clients of it. No procedure returns a secret,
 * except the local token that `endpoint.mint` makes for a client and shows once.
 */
export const control = {
  status: oc.output(BridgeStatus),
  /** The whole snapshot first, then the slices that changed. */
  watch: oc.output(eventIterator(Snapshot.partial())),
  accounts: {
    list: oc.output(z.array(AccountView)),
    add: oc.input(NewAccount).output(CheckedAccount),
    check: oc.input(z.strictObject({ account: AccountName })).output(CheckedAccount),
    use: oc.input(z.strictObject({ account: AccountName })).output(Switched),
    /** `user: null` stops acting as somebody else. */
    actAs: oc
      .input(z.strictObject({ account: AccountName, user: z.union([z.string(), SelectedUser]).nullable() }))
      .output(Switched),
    rotateKey: oc
      .input(z.strictObject({ account: AccountName, key: z.string(), check: z.boolean().default(true) }))
      .output(CheckedAccount),
    update: oc
      .input(
        z.strictObject({
          account: AccountName,
          label: z.string().optional(),
          color: Color.optional(),
          environment: Environment.optional(),
          rules: RulesChange.optional(),
        }),
      )
      .output(AccountView),
    remove: oc
      .input(z.strictObject({ account: AccountName }))
      .output(z.strictObject({ removed: Account, openSessions: z.number(), signedOut: SignedOut })),
  },
  signIn: {
    list: oc.output(z.array(SignInView)),
    /** Begins a sign-in in place of one under way for the same account. `wider` are scopes to ask for besides. */
    start: oc
      .input(z.strictObject({ account: AccountName, wider: z.string().max(1000).optional() }))
      .output(SignInView),
    /** Ends it wherever it is; nothing of it is kept. */
    cancel: oc.input(z.strictObject({ id: SignInId })).output(SignInView),
    answer: oc.input(z.strictObject({ id: SignInId, choice: SignInChoice })).output(SignInView),
    /** Forgets the sign-in here at once and tells the authorization server. */
    signOut: oc.input(z.strictObject({ account: AccountName })).output(SignedOut),
  },
  endpoint: {
    mint: oc
      .input(z.strictObject({ client: z.string(), address: z.string().default('current') }))
      .output(Endpoint),
    list: oc.output(z.array(ClientToken)),
    revoke: oc.input(z.strictObject({ id: z.string() })).output(z.strictObject({ revoked: z.boolean() })),
  },
  sessions: { list: oc.output(z.array(SessionView)) },
  activity: {
    list: oc.input(ActivityFilter).output(z.array(ActivityEntry)),
    /** New entries as they are written. */
    follow: oc.input(ActivityFilter.omit({ limit: true })).output(eventIterator(ActivityEntry)),
    /** The same entries as text of a file, newest first, piece by piece. */
    export: oc
      .input(
        z.strictObject({ format: z.enum(['csv', 'jsonl']), filter: ActivityFilter.omit({ limit: true }) }),
      )
      .output(eventIterator(z.string())),
    clear: oc.output(z.strictObject({ removed: z.number().int() })),
  },
  settings: {
    get: oc.output(Settings),
    set: oc.input(SettingsChange).output(Settings),
  },
  pause: oc.output(BridgeStatus),
  resume: oc.output(BridgeStatus),
};
