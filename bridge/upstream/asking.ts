import { isRecord } from '../base/record.ts';
import { oneLine } from '../base/text.ts';
import { hostOf } from '../contract/account.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { requestOf } from '../jsonrpc/write.ts';
import { SessionLost, type UpChannel } from './channel.ts';
import { troubleOf, type Workspace } from './workspace.ts';

const NEWEST_VERSION = '2025-11-25';
const MOST_PAGES = 100;
const INITIALIZED = Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}');

/** What a workspace said when it shook hands. */
export interface Welcome {
  /** The revision it speaks itself. */
  readonly protocolVersion: string;
  /** What it calls itself, one line without secrets; empty when it gave no name. */
  readonly server: string;
  readonly hasTools: boolean;
}

/** Requests of Gangway's own on one channel, one after the other. */
export class Asking {
  readonly #channel: UpChannel;
  readonly #workspace: Workspace;
  readonly #signal: AbortSignal;
  #nextId = 1;

  constructor(channel: UpChannel, workspace: Workspace, signal: AbortSignal) {
    this.#channel = channel;
    this.#workspace = workspace;
    this.#signal = signal;
  }

  /**
   * Shakes hands; the first thing to ask.
   * @param version of Gangway.
   * @throws BridgeError `bad-answer` when what comes back is no handshake of MCP.
   */
  async greet(version: string): Promise<Welcome> {
    const welcome = await this.ask('initialize', {
      protocolVersion: NEWEST_VERSION,
      capabilities: {},
      clientInfo: { name: 'gangway', title: 'Gangway', version },
    });
    const protocolVersion = textOf(welcome.protocolVersion);
    if (protocolVersion === undefined || !/^[\w.-]{1,32}$/.test(protocolVersion)) {
      const { account } = this.#workspace;
      const message = `${hostOf(account)} did not shake hands in MCP. Check the address.`;
      throw troubleOf(account, 'bad-answer', message);
    }
    this.#channel.protocolVersion = protocolVersion;
    await this.#keepingSession(() => this.#channel.send(INITIALIZED, this.#signal));
    const info = recordOf(welcome.serverInfo);
    const named = this.#workspace.withoutSecrets(textOf(info.title) ?? textOf(info.name) ?? '');
    return {
      protocolVersion: this.#channel.spokenVersion ?? protocolVersion,
      server: oneLine(named, 80),
      hasTools: recordOf(welcome.capabilities).tools !== undefined,
    };
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
    if (answer && !answer.error) return recordOf(answer.result);
    const said = textOf(answer?.error?.message);
    const reason =
      said === undefined ? '' : ` It says: "${oneLine(this.#workspace.withoutSecrets(said), 120)}"`;
    const { account } = this.#workspace;
    throw troubleOf(account, 'bad-answer', `${hostOf(account)} refused ${method}.${reason}`);
  }

  /** The list of tools, page by page as the workspace sends it; a list without an end is cut after 100 pages. */
  async *toolPages(): AsyncGenerator<readonly unknown[], void> {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const result = await this.ask('tools/list', cursor === undefined ? {} : { cursor });
      if (Array.isArray(result.tools)) yield result.tools;
      cursor = textOf(result.nextCursor);
      if (cursor === undefined) return;
    }
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

/** The members of an object; none of anything else. */
export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** A text that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
