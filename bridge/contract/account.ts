import * as z from 'zod';
import { ConnectorId } from './connector.ts';

/** Names an account for ever; never reused. */
export const AccountId = z
  .string()
  .regex(/^acc_[A-Za-z0-9]{8,32}$/)
  .brand<'AccountId'>();
export type AccountId = z.infer<typeof AccountId>;

/** The part of an address that pins an account: `/mcp/<slug>`, `gangway stdio <slug>`. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')
  .brand<'Slug'>();
export type Slug = z.infer<typeof Slug>;

/** The member a workspace runs calls as, for workspaces that let the key's owner choose one. */
export const SelectedUser = z.strictObject({
  by: z.enum(['id', 'email']),
  value: z.string().min(1).max(255),
});
export type SelectedUser = z.infer<typeof SelectedUser>;

/** Where the workspace speaks MCP. `sse` is the HTTP+SSE transport of MCP 2024-11-05. */
export const Upstream = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('http'), url: z.string() }),
  z.strictObject({ kind: z.literal('sse'), url: z.string() }),
  z.strictObject({
    kind: z.literal('command'),
    command: z.string().min(1),
    args: z.array(z.string()),
    cwd: z.string().optional(),
  }),
]);
export type Upstream = z.infer<typeof Upstream>;

/** How the account proves who it is. The secret itself lives in the vault only. */
export const SignIn = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('key'),
    /** Header that carries the key, lower case. `authorization` is sent as `Bearer <key>`. */
    header: z.string(),
  }),
  z.strictObject({
    kind: z.literal('oauth'),
    /** Client id that the person registered at the authorization server; its secret, if any, lives in the vault. */
    clientId: z.string().optional(),
    /** Address of a client id metadata document, used as the client id where the server takes such. */
    clientMetadataUrl: z.string().optional(),
    /** The person confirmed that the server uses the sign-in of MCP 2025-03-26, which has no resource metadata. */
    legacy: z.boolean().default(false),
  }),
]);
export type SignIn = z.infer<typeof SignIn>;

export const Environment = z.enum(['production', 'staging', 'development']);
export type Environment = z.infer<typeof Environment>;

/** What this account's clients may do; enforced in the bridge on `tools/call` and `tools/list`. */
export const AccountRules = z.strictObject({
  readOnly: z.boolean(),
  /** When present, only these tools, by exact name. */
  allow: z.array(z.string()).optional(),
  deny: z.array(z.string()),
});
export type AccountRules = z.infer<typeof AccountRules>;

export const Color = z.enum(['slate', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink']);
export type Color = z.infer<typeof Color>;

/** Who the workspace says we are, learned when the account was added or last checked. */
export const AccountIdentity = z.strictObject({
  server: z.string(),
  /** What tells this identity from others at the same workspace; absent where the workspace names nobody. */
  subject: z.string().max(300).optional(),
  /** One line for people: `member of acme`, `Acme (production)`. */
  summary: z.string(),
  tools: z.number().int().nonnegative(),
  protocolVersion: z.string(),
  checkedAt: z.iso.datetime(),
});
export type AccountIdentity = z.infer<typeof AccountIdentity>;

/** `sign-in-needed`: the workspace refused the stored credential; nothing is sent until a person acts. */
export const AccountState = z.enum(['ready', 'sign-in-needed']);
export type AccountState = z.infer<typeof AccountState>;

/**
 * Why a person must sign in: never done yet, by their own sign-out, refused by the workspace, ended by the authorization
 * server, not renewable, client registration lost there, or a renewal that was cut off and whose answer is lost.
 */
export const SignInReason = z.enum([
  'never',
  'signed-out',
  'refused',
  'ended',
  'not-renewable',
  'client-lost',
  'interrupted',
]);
export type SignInReason = z.infer<typeof SignInReason>;

/** What an OAuth sign-in granted, as far as it is no secret. */
export const AccountGrant = z.strictObject({
  issuer: z.string(),
  /** Who signed in, by the unverified word of the tokens: for comparing and showing, never for access. */
  subject: z.string().max(300).optional(),
  /** Granted scope, separated by blanks; absent where the server named none. */
  scope: z.string().optional(),
  /** It can be renewed without a person; otherwise it ends with its access token. */
  renewable: z.boolean(),
  signedInAt: z.iso.datetime(),
});
export type AccountGrant = z.infer<typeof AccountGrant>;

/** One person's access to one workspace. No secret fits in it. */
export const Account = z.strictObject({
  id: AccountId,
  slug: Slug,
  connector: ConnectorId,
  label: z.string().min(1).max(80),
  color: Color,
  environment: Environment,
  upstream: Upstream,
  signIn: SignIn,
  /** Extra headers that are no secrets, by lower-case name. */
  headers: z.record(z.string(), z.string()),
  /** Names of extra headers whose values live in the vault. */
  secretHeaders: z.array(z.string()),
  /** The user chosen when the account was added. */
  user: SelectedUser.optional(),
  /** The user chosen by "act as"; wins over `user` while present. */
  actingAs: SelectedUser.optional(),
  /** Members that calls ran as before, the latest first; at most five. */
  recentUsers: z.array(SelectedUser).max(5),
  /** The address may be private, loopback or plain http ("server in my own network"). */
  ownNetwork: z.boolean(),
  rules: AccountRules,
  identity: AccountIdentity.optional(),
  state: AccountState,
  /** Only with `sign-in-needed`. */
  signInReason: SignInReason.optional(),
  /** The last OAuth sign-in; it stays known after a sign-out. */
  grant: AccountGrant.optional(),
  createdAt: z.iso.datetime(),
});
export type Account = z.infer<typeof Account>;

/** The user whose name calls carry, if the workspace takes one. */
export function effectiveUser(account: Account): SelectedUser | undefined {
  return account.actingAs ?? account.user;
}

/** Host and port of the account's address, or its command; for people. */
export function hostOf({ upstream }: Pick<Account, 'upstream'>): string {
  if (upstream.kind === 'command') return upstream.command;
  return URL.parse(upstream.url)?.host ?? 'the workspace';
}
