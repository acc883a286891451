import { oc } from '@orpc/contract';
import * as z from 'zod';

/** Programs that Gangway knows how to connect, by the names the command line takes. */
export const ClientId = z.enum([
  'claude-desktop',
  'claude-code',
  'cursor',
  'vscode',
  'vscode-insiders',
  'windsurf',
  'zed',
  'codex',
  'gemini',
  'antigravity',
  'cline',
  'continue',
  'goose',
  'lm-studio',
  'copilot-cli',
  'opencode',
  'kiro',
  'junie',
  'jetbrains',
  'raycast',
]);
export type ClientId = z.infer<typeof ClientId>;

/** How a client reaches the bridge: it starts a command, or it asks an address. */
export const ClientDoor = z.enum(['stdio', 'http']);
export type ClientDoor = z.infer<typeof ClientDoor>;

/**
 * How it stands with an entry that Gangway wrote.
 * - `waiting`: written; the client has not used it yet.
 * - `seen`: the client shook hands since it was written.
 * - `changed`: somebody changed the entry; it is left as it is until the person decides.
 * - `gone`: somebody removed the entry, or the whole file.
 * - `unreadable`: the file cannot be read as it is now.
 * - `unusable`: the entry is there, but cannot work: its command, token, port or account is gone.
 */
export const ConnectionState = z.enum(['waiting', 'seen', 'changed', 'gone', 'unreadable', 'unusable']);
export type ConnectionState = z.infer<typeof ConnectionState>;

/** One entry that Gangway wrote into the settings of a client. */
export const ClientConnection = z.strictObject({
  /** `current`, a connector or the short name of an account. */
  address: z.string(),
  door: ClientDoor,
  /** Name of the entry in the client's list of servers. */
  entry: z.string(),
  path: z.string(),
  writtenAt: z.iso.datetime(),
  state: ConnectionState,
  /** One sentence: what is the matter, or what is awaited; for `seen`, what the client sees. */
  text: z.string(),
  /** The one thing that helps. `repair`: write the entry again; `review`: look at it, then repair or leave it. */
  action: z.enum(['none', 'restart-client', 'repair', 'review', 'fix-account']),
  /** The latest handshake since it was written. */
  seen: z
    .strictObject({
      at: z.iso.datetime(),
      /** As the client calls itself in `initialize`. */
      program: z.string().nullable(),
      /** Tools of the account it reaches, and as whom; null when not known. */
      tools: z.number().int().nonnegative().nullable(),
      who: z.string().nullable(),
      /** It is connected right now. */
      open: z.boolean(),
    })
    .nullable(),
});
export type ClientConnection = z.infer<typeof ClientConnection>;

/** A copy of a client's file from before a change of ours. Its content is never shown. */
export const ClientBackup = z.strictObject({
  id: z.string(),
  path: z.string(),
  at: z.iso.datetime(),
  bytes: z.number().int().nonnegative(),
});
export type ClientBackup = z.infer<typeof ClientBackup>;

/** A client as user interfaces show it. Found by existence alone: to list clients no file is opened. */
export const ClientView = z.strictObject({
  id: ClientId,
  /** As people call it. */
  name: z.string(),
  found: z.boolean(),
  /** `file`: Gangway writes its settings; `by-hand`: the person enters them in the client. */
  way: z.enum(['file', 'by-hand']),
  /** Doors it can use, the better one first. */
  doors: z.array(ClientDoor).min(1),
  /** Its settings files, the one that would be changed first. Empty for `by-hand`. */
  places: z.array(z.strictObject({ path: z.string(), exists: z.boolean() })),
  /** What makes it read a changed entry. */
  takesEffect: z.enum(['at-once', 'reload', 'new-session', 'restart']),
  /** The same as a sentence that tells the person what to do: "Quit Claude Desktop fully, then open it again." */
  effect: z.string(),
  /** It opens `.mcpb` bundles on this system. */
  bundle: z.boolean(),
  /** For `by-hand`: where in the client the entry is made. Else what is worth knowing, or null. */
  note: z.string().nullable(),
  connections: z.array(ClientConnection),
  /** Newest first. */
  backups: z.array(ClientBackup),
});
export type ClientView = z.infer<typeof ClientView>;

/** The exact change of one file, before it is made. Secrets in it are masked. */
export const ChangePreview = z.strictObject({
  /** Makes the change; stops being valid when the file changes, after ten minutes, or once used. */
  token: z.string(),
  kind: z.enum(['connect', 'disconnect', 'migrate']),
  client: ClientId,
  address: z.string(),
  door: ClientDoor,
  path: z.string(),
  /** The file is there; else it is made. */
  exists: z.boolean(),
  entry: z.string(),
  /** The change in plain words, one fact a line. */
  said: z.array(z.string()),
  /** Text that comes into the file, and text that goes, as they stand there; empty for none. */
  added: z.string(),
  removed: z.string(),
  /** Line of the file at which that is, from 1. */
  line: z.number().int().positive(),
  /** Names of the other servers in the file, which stay as they are. */
  others: z.array(z.string()),
  /** What the person does afterwards. */
  effect: z.string(),
});
export type ChangePreview = z.infer<typeof ChangePreview>;

/** Outcome of a change. `said` tells in words what was done, and what is left to the person. */
export const ChangedClient = z.strictObject({ client: ClientView, said: z.array(z.string()) });
export type ChangedClient = z.infer<typeof ChangedClient>;

/** An entry of a client that reaches a workspace without Gangway: by mcp-remote, or by its own address. */
export const ForeignEntry = z.strictObject({
  /** Valid until the file changes. */
  id: z.string(),
  client: ClientId,
  path: z.string(),
  entry: z.string(),
  /** Address of the workspace, without any secret in it. */
  url: z.string(),
  host: z.string(),
  /** It starts mcp-remote, or has the address itself. */
  by: z.enum(['mcp-remote', 'address']),
  /** Names of the headers it sends; their values stay in the file until they move into the vault. */
  headers: z.array(z.string()),
  /** It signs in with OAuth, so the person signs in once more in Gangway. */
  oauth: z.boolean(),
  /** Short name of the one account at the same address that is there already. Whether it is the same one only the person knows. */
  account: z.string().nullable(),
});
export type ForeignEntry = z.infer<typeof ForeignEntry>;

/** A bundle that Claude Desktop installs when it is opened. */
export const Bundle = z.strictObject({ path: z.string(), name: z.string(), bytes: z.number().int() });
export type Bundle = z.infer<typeof Bundle>;

/** Part of the contract (`control.ts`): setting up the clients of this computer. */
export const clientSetup = {
  /** Looks anew which clients there are, and how the entries are that Gangway wrote. */
  list: oc.output(z.array(ClientView)),
  /**
   * What connecting a client would change; opens its settings file. The door is the better one of the client unless
   * given. @throws when the file cannot be changed safely; the message says why.
   */
  preview: oc
    .input(
      z.strictObject({
        client: ClientId,
        address: z.string().default('current'),
        door: ClientDoor.optional(),
        /** One of the client's places, when there are several. */
        path: z.string().max(4000).optional(),
      }),
    )
    .output(ChangePreview),
  /** What disconnecting would change: one entry, or the first of all that Gangway wrote there. */
  previewRemoval: oc
    .input(z.strictObject({ client: ClientId, address: z.string().optional() }))
    .output(ChangePreview),
  /** Makes the change that was shown, after a copy of the file was kept. @throws `conflict` when it is not as shown any more. */
  write: oc.input(z.strictObject({ token: z.string() })).output(ChangedClient),
  /**
   * Puts a client's file back byte for byte: as it was before Gangway, or as in that backup. Refused when somebody
   * else changed it since, unless a backup is named; what it replaces is kept as a backup, too.
   */
  restore: oc
    .input(z.strictObject({ client: ClientId, backup: z.string().optional() }))
    .output(ChangedClient),
  /** Puts back every file that Gangway changed; what cannot be put back is said and left alone. */
  restoreAll: oc.output(
    z.array(z.strictObject({ client: ClientId, restored: z.boolean(), text: z.string() })),
  ),
  /** The person wants an entry that somebody changed or removed to stay so: Gangway forgets it. */
  leave: oc.input(z.strictObject({ client: ClientId, address: z.string() })).output(ChangedClient),
  /** Entries that reach workspaces without Gangway; opens the settings files of the clients found. */
  foreign: oc.output(
    z.strictObject({
      entries: z.array(ForeignEntry),
      /** Files that could not be read, each with why. */
      unread: z.array(z.strictObject({ client: ClientId, path: z.string(), text: z.string() })),
    }),
  ),
  /** What bringing such an entry here would change; `write` then adds the account, moves its headers into the vault and replaces the entry. */
  previewMigration: oc
    .input(
      z.strictObject({
        id: z.string(),
        label: z.string().max(200).optional(),
        /** Short name of an account that the entry is to use instead of one that is added for it. */
        account: z.string().max(63).optional(),
      }),
    )
    .output(ChangePreview),
  /** Makes a bundle that Claude Desktop installs. */
  bundle: oc.input(z.strictObject({ address: z.string().default('current') })).output(Bundle),
};
