import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Account, Color, Environment, SelectedUser } from './account.ts';
import { ActivityEntry, ActivityFilter } from './activity.ts';
import { ClientView, clientSetup } from './clients.ts';
import { ConnectorId } from './connector.ts';
import { DoctorReport } from './doctor.ts';
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
    /** The server's set-up contradicts the rules of OAuth, or nothing is at the address any more. */
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

/** What a tool may do: the connector's own list decides, then the workspace's annotations; everything unknown writes. */
export const ToolEffect = z.enum(['reads', 'writes', 'destroys']);
export type ToolEffect = z.infer<typeof ToolEffect>;

/** One tool of a workspace, as far as a person decides about it. */
export const ToolView = z.strictObject({
  name: z.string(),
  title: z.string().nullable(),
  /** At most 1000 characters of the workspace's own words. */
  description: z.string().nullable(),
  effect: ToolEffect,
  /** Clients may call it under the rules as they are now. */
  allowed: z.boolean(),
});
export type ToolView = z.infer<typeof ToolView>;

/** The first thing somebody wants to know about an address: is it what they think, and how does one sign in there? */
export const WorkspaceLook = z.strictObject({
  /** The whole address that an account would use; null when it cannot be told from what was entered. */
  address: z.string().nullable(),
  host: z.string().nullable(),
  /** The kind of workspace this address belongs to. */
  connector: ConnectorId,
  /** What was looked at, in order. `skipped`: something before it failed. */
  checks: z.array(
    z.strictObject({
      name: z.enum(['address', 'reachable', 'certificate', 'protocol', 'sign-in']),
      state: z.enum(['ok', 'failed', 'skipped']),
      /** One sentence for people. */
      text: z.string(),
    }),
  ),
  /** Ways to sign in that would work there, the best first; empty when nothing could be learned. */
  signIn: z.array(z.enum(['none', 'key', 'oauth'])),
  server: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  /** The address is on this computer or in a private network, which the person has to confirm. */
  privateNetwork: z.boolean(),
});
export type WorkspaceLook = z.infer<typeof WorkspaceLook>;

/** Calls of one hour, for the chart of the activity log. */
export const ActivityHour = z.strictObject({
  /** Start of the hour. */
  at: z.iso.datetime(),
  calls: z.number().int().nonnegative(),
  /** Those that did not end as `ok`. */
  failed: z.number().int().nonnegative(),
});
export type ActivityHour = z.infer<typeof ActivityHour>;

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
  /** When the pause ends by itself; null when a person ends it, or nothing is paused. */
  pausedUntil: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
});
export type BridgeStatus = z.infer<typeof BridgeStatus>;

export const Endpoint = z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()) });
export type Endpoint = z.infer<typeof Endpoint>;

/** What an app that starts a command is configured with; no secret is in it. */
export const StdioCommand = z.strictObject({ command: z.string(), args: z.array(z.string()) });
export type StdioCommand = z.infer<typeof StdioCommand>;

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
  /** The AI apps that Gangway knows, with what it wrote into their settings. */
  knownClients: z.array(ClientView),
  settings: Settings,
  /** The latest requests, without arguments and results. */
  recent: z.array(ActivityEntry),
});
export type Snapshot = z.infer<typeof Snapshot>;
export type SnapshotChange = Partial<Snapshot>;

/** Outcome of a switch: which sessions follow it and which are pinned elsewhere. */
export const Switched = z.strictObject({
  account: AccountView,
  following: z.array(z.string()),
  notAffected: z.array(z.string()),
  /** Of those that follow: apps in use that cannot be told, so they may show the old tools until they ask again. */
  mayNeedReload: z.array(z.string()),
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
  workspaces: {
    /** Looks at an address without any credential, so that a form can say what is there. Never throws for what it finds. */
    look: oc
      .input(
        z.strictObject({
          connector: ConnectorId.optional(),
          /** Address or bare host, as typed. */
          url: z.string().max(4000).optional(),
          workspace: z.string().max(300).optional(),
          environment: Environment.optional(),
          ownNetwork: z.boolean().default(false),
        }),
      )
      .output(WorkspaceLook),
  },
  accounts: {
    list: oc.output(z.array(AccountView)),
    add: oc.input(NewAccount).output(CheckedAccount),
    check: oc.input(z.strictObject({ account: AccountName })).output(CheckedAccount),
    /** The tools of the workspace, asked for now, also those that the rules hide from clients. */
    tools: oc.input(z.strictObject({ account: AccountName })).output(z.array(ToolView)),
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
    /** The command that leads to this address by stdio. @throws when nothing has it. */
    command: oc.input(z.strictObject({ address: z.string().default('current') })).output(StdioCommand),
    list: oc.output(z.array(ClientToken)),
    revoke: oc.input(z.strictObject({ id: z.string() })).output(z.strictObject({ revoked: z.boolean() })),
  },
  clients: clientSetup,
  /** Looks at everything that can be wrong; takes some seconds, sends nothing but what looking needs. */
  doctor: oc.output(DoctorReport),
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
    /** Calls per hour since then, oldest first, without the hours in which nothing happened. */
    hours: oc
      .input(ActivityFilter.pick({ account: true, client: true }).extend({ since: z.iso.datetime() }))
      .output(z.array(ActivityHour)),
    clear: oc.output(z.strictObject({ removed: z.number().int() })),
  },
  vault: {
    /** Tries to open the vault now; the system may ask the person. A passphrase is for a vault that takes one. */
    open: oc
      .input(z.strictObject({ passphrase: z.string().max(1000).optional() }).default({}))
      .output(BridgeStatus),
  },
  settings: {
    get: oc.output(Settings),
    set: oc.input(SettingsChange).output(Settings),
  },
  /** Stops every call, until a person resumes or the minutes are over. */
  pause: oc
    .input(z.strictObject({ minutes: z.number().int().min(1).max(1440).optional() }).default({}))
    .output(BridgeStatus),
  resume: oc.output(BridgeStatus),
};
