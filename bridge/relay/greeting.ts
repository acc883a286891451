import { isRecord } from '../base/record.ts';
import type { RequestMessage } from '../jsonrpc/message.ts';
import { locate, replaceSpans } from '../jsonrpc/text.ts';
import { LEGACY_VERSIONS } from '../upstream/legacy-versions.ts';

export { LEGACY_VERSIONS };

/** What a client said in `initialize`; replayed to every workspace its session comes to use. */
export interface Greeting {
  /** Raw JSON text of the params. */
  readonly params: string;
  readonly version: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Name and version of the program, for people. */
  readonly program: string | null;
}

/** Reads `initialize`; undefined when `protocolVersion` is missing or no string. */
export function readGreeting(message: RequestMessage): Greeting | undefined {
  const span = locate(message.text, ['params']);
  const version = message.params.protocolVersion;
  if (!span || typeof version !== 'string') return undefined;
  const capabilities = message.params.capabilities;
  const info = message.params.clientInfo;
  return {
    params: message.text.slice(span.start, span.end),
    version,
    capabilities: isRecord(capabilities) ? capabilities : {},
    program: isRecord(info) ? programName(info) : null,
  };
}

/** The `clientInfo` of a client as one short line. */
export function programName(info: Record<string, unknown>): string | null {
  const parts = [info.title ?? info.name, info.version].filter((part) => typeof part === 'string');
  const text = parts
    .join(' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, 100);
  return text === '' ? null : text;
}

/** The part of an InitializeResult that the relay needs to know. */
export interface Welcome {
  /** Raw JSON text of the result. */
  readonly result: string;
  readonly version: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/** The groups of lists that can change when an account is switched. */
export const GROUPS = ['tools', 'prompts', 'resources'] as const;
export type Group = (typeof GROUPS)[number];

/**
 * The workspace's InitializeResult as the client sees it. The bridge itself is a source of change, so every group
 * announces `listChanged`. A session that follows switches announces all groups: what the next account offers cannot
 * be announced later (MCP 2025-11-25, lifecycle). Everything else keeps its bytes.
 */
export function announce(welcome: Welcome, follows: boolean): string {
  const span = locate(welcome.result, ['capabilities']);
  if (!span) return welcome.result;
  const by = JSON.stringify(announced(welcome.capabilities, follows));
  return replaceSpans(welcome.result, [{ ...span, by }]);
}

/** Capabilities of a workspace as its clients see them, in either era. */
export function announced(
  capabilities: Readonly<Record<string, unknown>>,
  follows: boolean,
): Record<string, unknown> {
  const all: Record<string, unknown> = { ...capabilities };
  for (const group of GROUPS) {
    const present = all[group];
    if (isRecord(present)) all[group] = { ...present, listChanged: true };
    else if (follows) all[group] = { listChanged: true };
  }
  return all;
}

/** What an app is told, and its person may read, while no workspace can be used. */
export const NOTHING_YET =
  'Gangway connects this app to a remote workspace. No workspace can be used right now; when one can, its tools appear by themselves.';

/** Who speaks while there is no workspace. */
export function ourselves(version: string): object {
  return { name: 'gangway', title: 'Gangway', version };
}

/** An InitializeResult of our own, for a client that arrives before a workspace can be reached. */
export function localWelcome(greeting: Greeting, bridgeVersion: string): Welcome {
  const version = LEGACY_VERSIONS.find((known) => known === greeting.version) ?? LEGACY_VERSIONS[0];
  const capabilities = announced({}, true);
  const result = JSON.stringify({
    protocolVersion: version,
    capabilities,
    serverInfo: ourselves(bridgeVersion),
    instructions: NOTHING_YET,
  });
  return { result, version, capabilities };
}

/** The groups a welcome offers. */
export function groupsOf(welcome: Welcome): Set<Group> {
  return new Set(GROUPS.filter((group) => isRecord(welcome.capabilities[group])));
}

/** Answers for a group the active account lacks though it was announced. */
export const EMPTY_LISTS: Readonly<Record<string, { group: Group; result: string }>> = {
  'tools/list': { group: 'tools', result: '{"tools":[]}' },
  'prompts/list': { group: 'prompts', result: '{"prompts":[]}' },
  'resources/list': { group: 'resources', result: '{"resources":[]}' },
  'resources/templates/list': { group: 'resources', result: '{"resourceTemplates":[]}' },
};
