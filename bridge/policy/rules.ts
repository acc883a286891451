import type { Account } from '../contract/account.ts';

/** Tools whose effect is known beforehand, by exact name; a connector brings them. */
export interface KnownTools {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** A request of a client, as far as rules look at it. */
export interface GatedCall {
  readonly method: string;
  /** Name in `tools/call`, exactly as the client wrote it; undefined when it is missing or no text. */
  readonly tool?: string | undefined;
  /** What the workspace says of that tool in `tools/list`, if it lists it under exactly this name. */
  readonly annotations?: ToolAnnotations | undefined;
}

/** The one annotation rules look at (MCP 2025-03-26 and later). It comes from the workspace, so it may be anything. */
export interface ToolAnnotations {
  readonly readOnlyHint?: unknown;
}

/** What a person decided for all accounts at once, whatever the rules of each say. */
export interface EveryAccount {
  readonly paused: boolean;
  readonly readOnly: boolean;
}

/** `because` is a sentence for the client's user; it names the account and what to change. */
export type Decision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly code: 'paused' | 'blocked'; readonly because: string };

const ALLOW: Decision = { kind: 'allow' };

/** Methods that keep a session alive; they pass while everything is paused, so that clients stay connected. */
const LIFE_SIGNS: ReadonlySet<string> = new Set(['initialize', 'ping', 'server/discover']);

/** Requests of MCP that change nothing in a workspace. Any other method may write. */
const READING: ReadonlySet<string> = new Set([
  ...LIFE_SIGNS,
  'completion/complete',
  'logging/setLevel',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'subscriptions/listen',
  'tasks/cancel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tools/list',
]);

/**
 * Whether a client's request may go to the workspace. Pure.
 *
 * A read-only account lets through what is known to read: the connector's own list decides first, whatever the
 * workspace's annotations say; a tool in neither list reads only if the workspace marks it `readOnlyHint: true`;
 * everything unknown writes.
 */
export function decide(
  account: Pick<Account, 'label' | 'rules'>,
  every: EveryAccount,
  known: KnownTools,
  call: GatedCall,
): Decision {
  if (every.paused && !LIFE_SIGNS.has(call.method)) {
    return { kind: 'deny', code: 'paused', because: 'Gangway is paused. Resume it to go on.' };
  }
  if (call.method === 'tools/call') {
    return decideTool(account, every.readOnly, known, call.tool, call.annotations);
  }
  if (!READING.has(call.method) && (account.rules.readOnly || every.readOnly)) {
    return writeRefused(account, 'this request might change something');
  }
  return ALLOW;
}

/** The tools of `tools/list` a client may call, in the same order; the same array when that is all of them. */
export function visibleTools<T extends { readonly name?: unknown; readonly annotations?: unknown }>(
  account: Pick<Account, 'label' | 'rules'>,
  every: Pick<EveryAccount, 'readOnly'>,
  known: KnownTools,
  tools: readonly T[],
): readonly T[] {
  const visible = tools.filter((tool) => {
    const name = typeof tool.name === 'string' ? tool.name : undefined;
    return decideTool(account, every.readOnly, known, name, annotationsOf(tool.annotations)).kind === 'allow';
  });
  return visible.length === tools.length ? tools : visible;
}

/** Annotations from a message, whatever is in their place. */
export function annotationsOf(value: unknown): ToolAnnotations | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function decideTool(
  account: Pick<Account, 'label' | 'rules'>,
  allReadOnly: boolean,
  known: KnownTools,
  tool: string | undefined,
  annotations: ToolAnnotations | undefined,
): Decision {
  const { label, rules } = account;
  const isReadOnly = rules.readOnly || allReadOnly;
  const restricted = isReadOnly || rules.allow !== undefined || rules.deny.length > 0;
  if (!restricted) return ALLOW;
  if (tool === undefined) return blocked(`The call names no tool, so the rules of ${label} cannot allow it.`);
  if (isDenied(tool, rules)) return blocked(`This tool is switched off for ${label} by your rules.`);
  if (rules.allow && !rules.allow.includes(tool)) {
    return blocked(`This tool is not among those your rules allow for ${label}.`);
  }
  if (isReadOnly && !reads(tool, known, annotations)) {
    return writeRefused(account, 'this tool may change something');
  }
  return ALLOW;
}

/** The account's own rule is named first, because it still holds when not everything is read-only any more. */
function writeRefused({ label, rules }: Pick<Account, 'label' | 'rules'>, why: string): Decision {
  if (rules.readOnly) return blocked(`${label} is read-only here, and ${why}.`);
  return blocked(
    `Everything is read-only in Gangway right now, and ${why}. Switch that off in the settings to let it through.`,
  );
}

/**
 * A denied name stays denied in other spellings a lenient server could take for it: other case, blanks around it,
 * full-width or invisible characters. Letters of other scripts that only look alike cannot be told apart from honest
 * names, so beside a deny list a name outside ASCII needs a place in the allow list.
 */
function isDenied(tool: string, { allow, deny }: Account['rules']): boolean {
  if (deny.length === 0) return false;
  if (deny.includes(tool)) return true;
  if (allow?.includes(tool)) return false;
  if (/[^\u0020-\u007e]/.test(tool)) return true;
  const folded = fold(tool);
  return deny.some((denied) => fold(denied) === folded);
}

function fold(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** The tool changes nothing, as far as anybody knows. */
export function reads(tool: string, known: KnownTools, annotations: ToolAnnotations | undefined): boolean {
  if (known.writes.has(tool)) return false;
  return known.reads.has(tool) || annotations?.readOnlyHint === true;
}

function blocked(because: string): Decision {
  return { kind: 'deny', code: 'blocked', because };
}
