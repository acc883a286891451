import { limits } from '../base/limits.ts';
import { oneLine } from '../base/text.ts';
import { connectorOf } from '../connectors/catalog.ts';
import { type AccountIdentity, effectiveUser, hostOf } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { connectAnyEra } from './any-era.ts';
import { Asking, recordOf, textOf } from './asking.ts';
import type { Eras } from './eras.ts';
import { type HttpAnswer, readBody, type WorkspaceHttp } from './http.ts';
import type { Workspace } from './workspace.ts';

export interface CheckOptions {
  readonly workspace: Workspace;
  readonly http: WorkspaceHttp;
  readonly eras: Eras;
  readonly version: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Asks a workspace who we are and what it offers: health probe without a credential where the vendor has one, then a
 * real MCP session of the bridge's own that is ended again. Nothing is changed there.
 * @throws BridgeError when the account does not work.
 */
export async function checkAccount(
  options: CheckOptions,
): Promise<{ identity: AccountIdentity; tools: readonly unknown[]; notes: string[] }> {
  const { workspace, signal, now } = options;
  const notes = await probeHealth(options);
  await using channel = connectAnyEra(workspace, options.http, options.eras);
  const asking = new Asking(channel, workspace, signal);
  const welcome = await asking.greet(options.version);
  const tools: unknown[] = [];
  if (welcome.hasTools) {
    for await (const page of asking.toolPages()) for (const tool of page) tools.push(tool);
  }
  const server = welcome.server || hostOf(workspace.account).slice(0, 80);
  const who = await whoAmI(asking, workspace, tools, server);
  return {
    identity: {
      server,
      ...who,
      tools: tools.length,
      protocolVersion: welcome.protocolVersion,
      checkedAt: now.toISOString(),
    },
    tools,
    notes,
  };
}

/** One line about who the credential speaks as, in the workspace's own words where it has a tool for that. */
async function whoAmI(
  asking: Asking,
  workspace: Workspace,
  tools: readonly unknown[],
  server: string,
): Promise<{ summary: string; subject?: string }> {
  const { account } = workspace;
  const user = effectiveUser(account);
  const { identityTool } = connectorOf(account.connector);
  const offered = identityTool !== undefined && tools.some((tool) => recordOf(tool).name === identityTool);
  if (!offered) return { summary: user ? `${user.value} at ${server}`.slice(0, 200) : server };
  const result = await asking.ask('tools/call', { name: identityTool, arguments: {} });
  const named = result.isError === true ? undefined : namedIn(result);
  if (named === undefined) return { summary: server };
  const summary = oneLine(`${workspace.withoutSecrets(named.name)} (${account.environment})`, 200);
  const subject = oneLine(workspace.withoutSecrets(named.id ?? named.name), 200);
  return { summary, subject };
}

/** The name in the JSON that an identity tool answers with, and the id beside it. */
function namedIn(result: Record<string, unknown>): { name: string; id: string | undefined } | undefined {
  const sources: unknown[] = [result.structuredContent];
  for (const part of Array.isArray(result.content) ? (result.content as unknown[]) : []) {
    try {
      sources.push(JSON.parse(textOf(recordOf(part).text) ?? ''));
    } catch {
      // Prose names nobody reliably.
    }
  }
  for (const source of sources) {
    for (const candidate of [
      recordOf(source),
      recordOf(recordOf(source).account),
      recordOf(recordOf(source).data),
    ]) {
      const name = textOf(candidate.name) ?? textOf(candidate.label) ?? textOf(candidate.email);
      if (name !== undefined) return { name, id: idOf(candidate) };
    }
  }
  return undefined;
}

/** The vendor's health page, asked without any credential. An unreachable host ends the check before a key is sent. */
async function probeHealth({ workspace, http, signal }: CheckOptions): Promise<string[]> {
  const { account } = workspace;
  const { healthPath } = connectorOf(account.connector);
  if (healthPath === undefined || account.upstream.kind === 'command') return [];
  const url = new URL(healthPath, account.upstream.url);
  const question = {
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    headMs: http.waits.connectMs,
    signal,
  } as const;
  let answer: HttpAnswer;
  try {
    answer = await http.askTwice(workspace, question, true);
  } catch (error) {
    if (!(error instanceof BridgeError) || !error.details.mayHaveRun) throw error;
    return [`The health page of ${url.host} does not answer.`];
  }
  const body = await readBody(answer.body, limits.metadataBytes, http.waits).catch(() => undefined);
  if (answer.status !== 200) return [`The health page of ${url.host} answers ${answer.status}.`];
  try {
    const environment = textOf(recordOf(JSON.parse(body?.toString('utf8') ?? '')).environment);
    const isProduction = environment === undefined || /^pro?d/i.test(environment);
    if (isProduction === (account.environment === 'production')) return [];
    return [
      `${url.host} says it is ${oneLine(environment ?? 'production', 40)}, but the account is marked ${account.environment}.`,
    ];
  } catch {
    return [`The health page of ${url.host} cannot be read.`];
  }
}

function idOf({ id }: Record<string, unknown>): string | undefined {
  return typeof id === 'number' ? String(id) : textOf(id);
}
