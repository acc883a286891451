import { limits } from '../base/limits.ts';
import { isRecord } from '../base/record.ts';
import { oneLine } from '../base/text.ts';
import { connectorOf } from '../connectors/catalog.ts';
import { type AccountIdentity, effectiveUser, hostOf } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { requestOf } from '../jsonrpc/write.ts';
import { SessionLost, type UpChannel } from './channel.ts';
import { connect } from './connect.ts';
import { type HttpAnswer, readBody, type WorkspaceHttp } from './http.ts';
import { troubleOf, type Workspace } from './workspace.ts';

const NEWEST_VERSION = '2025-11-25';
const MOST_PAGES = 100;
const INITIALIZED = Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}');

export interface CheckOptions {
  readonly workspace: Workspace;
  readonly http: WorkspaceHttp;
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
  await using channel = connect(workspace, options.http);
  const asking = new Asking(channel, workspace, signal);
  const welcome = await asking.ask('initialize', {
    protocolVersion: NEWEST_VERSION,
    capabilities: {},
    clientInfo: { name: 'gangway', title: 'Gangway', version: options.version },
  });
  const version = text(welcome.protocolVersion);
  if (version === undefined || !/^[\w.-]{1,32}$/.test(version)) {
    throw troubleOf(
      workspace.account,
      'bad-answer',
      `${hostOf(workspace.account)} did not shake hands in MCP. Check the address.`,
    );
  }
  channel.protocolVersion = version;
  await asking.tell(INITIALIZED);
  const tools = record(welcome.capabilities).tools === undefined ? [] : await listTools(asking);
  const info = record(welcome.serverInfo);
  const named = workspace.withoutSecrets(text(info.title) ?? text(info.name) ?? '');
  const server = oneLine(named, 80) || hostOf(workspace.account).slice(0, 80);
  const who = await whoAmI(asking, workspace, tools, server);
  return {
    identity: {
      server,
      ...who,
      tools: tools.length,
      protocolVersion: version,
      checkedAt: now.toISOString(),
    },
    tools,
    notes,
  };
}

/** Requests of our own on one channel, one after the other. */
class Asking {
  readonly #channel: UpChannel;
  readonly #workspace: Workspace;
  readonly #signal: AbortSignal;
  #nextId = 1;

  constructor(channel: UpChannel, workspace: Workspace, signal: AbortSignal) {
    this.#channel = channel;
    this.#workspace = workspace;
    this.#signal = signal;
  }

  /** The result of a request. @throws BridgeError `bad-answer` when the workspace answers with an error. */
  async ask(method: string, params: object): Promise<Record<string, unknown>> {
    const id = String(this.#nextId);
    this.#nextId += 1;
    let answer: ResponseMessage | undefined;
    await this.#keepingSession(() =>
      this.#channel.request({
        bytes: requestOf(id, method, JSON.stringify(params)),
        id,
        method,
        repeatable: true,
        signal: this.#signal,
        onMessage: ({ message }) => {
          if (message?.kind === 'response') answer = message;
        },
      }),
    );
    if (answer && !answer.error) return record(answer.result);
    const said = text(answer?.error?.message);
    const reason =
      said === undefined ? '' : ` It says: "${oneLine(this.#workspace.withoutSecrets(said), 120)}"`;
    const { account } = this.#workspace;
    throw troubleOf(account, 'bad-answer', `${hostOf(account)} refused ${method}.${reason}`);
  }

  /** Sends a notification. */
  async tell(bytes: Uint8Array): Promise<void> {
    await this.#keepingSession(() => this.#channel.send(bytes, this.#signal));
  }

  async #keepingSession(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      const { account } = this.#workspace;
      const message = `${hostOf(account)} forgets its sessions at once, so nothing can be asked. Try again later.`;
      throw troubleOf(account, 'bad-answer', message, {}, error);
    }
  }
}

async function listTools(asking: Asking): Promise<unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const result = await asking.ask('tools/list', cursor === undefined ? {} : { cursor });
    if (Array.isArray(result.tools)) tools.push(...(result.tools as unknown[]));
    cursor = text(result.nextCursor);
    if (cursor === undefined) break;
  }
  return tools;
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
  const offered = identityTool !== undefined && tools.some((tool) => record(tool).name === identityTool);
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
      sources.push(JSON.parse(text(record(part).text) ?? ''));
    } catch {
      // Prose names nobody reliably.
    }
  }
  for (const source of sources) {
    for (const candidate of [record(source), record(record(source).account), record(record(source).data)]) {
      const name = text(candidate.name) ?? text(candidate.label) ?? text(candidate.email);
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
    const environment = text(record(JSON.parse(body?.toString('utf8') ?? '')).environment);
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
  return typeof id === 'number' ? String(id) : text(id);
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
