import type { Color, Environment, SignIn } from '../contract/account.ts';
import type { ConnectorId } from '../contract/connector.ts';

/** Tools whose effect is known beforehand, by exact name. A tool in neither list is judged by its annotations. */
export interface ToolMarks {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** How a key of this kind of workspace looks and where it goes. */
export interface KeyRule {
  /** Header that carries the key unless the person chooses another; `authorization` is sent as `Bearer <key>`. */
  readonly header: string;
  /** Every header the workspace takes a key in; undefined: any. */
  readonly headers: readonly string[] | undefined;
  /** What a key of this vendor looks like; undefined where keys have no common shape. */
  readonly looksLike: RegExp | undefined;
  /** The same in words, for people. */
  readonly shape: string | undefined;
  /** A key opens one host only, so one that another host's account uses is a mistake. */
  readonly bindsToHost: boolean;
}

/** Headers that choose the member calls run as. Exactly one of them is sent. */
export interface UserHeaders {
  readonly id: string;
  readonly email: string;
}

/** How the local command of a workspace is told who acts. */
export interface CommandRule {
  /** Option that names the acting user, such as `--user`; undefined where there is none. */
  readonly userOption: string | undefined;
  /** Option that names the tenant, for a label. */
  readonly tenantOption: string | undefined;
}

/** A kind of workspace, as data. Adding one is one more entry in `presets.ts`. */
export interface Connector {
  readonly id: ConnectorId;
  readonly label: string;
  readonly color: Color;
  /** Where the vendor runs it, by environment; nobody has to type these. */
  readonly environments: Readonly<Partial<Record<Environment, string>>>;
  /** Path of the MCP endpoint; `{workspace}` stands for the workspace id. Null: the path is as typed. */
  readonly path: string | null;
  /** Ways to sign in, the usual one first. */
  readonly signIn: readonly SignIn['kind'][];
  readonly key: KeyRule;
  /** Present where the workspace runs calls as a chosen member; the choice is then required. */
  readonly user: UserHeaders | undefined;
  /** Present where a local command may stand in for the address. */
  readonly command: CommandRule | undefined;
  /** Servers of this kind may speak HTTP+SSE (MCP 2024-11-05). */
  readonly sse: boolean;
  readonly tools: ToolMarks;
  /** A read tool without required arguments that says which account the key opens. */
  readonly identityTool: string | undefined;
  /** Path that answers without a credential while the workspace is well. */
  readonly healthPath: string | undefined;
  /** Sentences for forms and `--help`. */
  readonly help: { readonly address: string; readonly key: string; readonly user?: string };
}
