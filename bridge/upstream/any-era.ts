import { commandLine } from '../connectors/command.ts';
import { BridgeError } from '../contract/errors.ts';
import type { ExchangeEnd, OnUpMessage, UpChannel, UpMessage, UpRequest } from './channel.ts';
import { CommandChannel } from './command.ts';
import { CommandPipe } from './command-pipe.ts';
import { connect } from './connect.ts';
import type { Eras } from './eras.ts';
import type { WorkspaceHttp } from './http.ts';
import { LegacyOverModern } from './legacy-over-modern/channel.ts';
import { EraChanged, type ModernChannel } from './modern/channel.ts';
import { ModernCommand } from './modern/command.ts';
import { askEra } from './modern/discover.ts';
import { CAPABILITY_MISSING, HEADER_MISMATCH, VERSION_UNSUPPORTED } from './modern/envelope.ts';
import { isForeignRefusal } from './modern/era-verdict.ts';
import { openWorkspace } from './modern/open.ts';
import type { Workspace } from './workspace.ts';

/** A command that refused a handshake runs, so it answers soon if it answers at all. */
const PROBE_MS = 5000;

/**
 * A fresh channel for a session with a handshake, whatever the workspace speaks: one that speaks only MCP 2026-07-28 is
 * translated. Nothing is sent before the first request.
 */
export function connectAnyEra(workspace: Workspace, http: WorkspaceHttp, eras: Eras): UpChannel {
  return new AnyEraChannel({ workspace, http, eras });
}

interface Parts {
  readonly workspace: Workspace;
  readonly http: WorkspaceHttp;
  readonly eras: Eras;
}

/** The workspace as it is, and the question whether it speaks without a handshake, which goes the same way. */
interface Plain {
  readonly channel: UpChannel;
  /** HTTP status of the latest response; undefined from a local command. */
  status(): number | undefined;
  /** Undefined when it does not. @throws BridgeError when that cannot be found out. */
  probe(signal: AbortSignal): Promise<ModernChannel | undefined>;
}

/** What came of a handshake: what was said is with the client already, but what is held back is only said by `pass`. */
type Greeted =
  | { readonly kind: 'said'; readonly isWelcome: boolean; readonly end: ExchangeEnd }
  /** `isModern`: only a workspace of the newer era says so. */
  | { readonly kind: 'held'; readonly isModern: boolean; pass(): Promise<ExchangeEnd> };

/** Error codes that only the newer era has. */
const MODERN_CODES: readonly unknown[] = [HEADER_MISMATCH, CAPABILITY_MISSING, VERSION_UNSUPPORTED];
const COMPLETE: ExchangeEnd = { kind: 'complete' };

/** Finds out at `initialize` how to speak with the workspace; everything else goes straight to what was found. */
class AnyEraChannel implements UpChannel {
  readonly #parts: Parts;
  #plain: Plain | undefined;
  #channel: UpChannel | undefined;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { account } = parts.workspace;
    const isTranslated =
      parts.eras.speaks(account, 'legacy') === false && parts.eras.speaks(account, 'modern') === true;
    if (!isTranslated) this.#beginPlain();
  }

  get protocolVersion(): string | undefined {
    return this.#channel?.protocolVersion;
  }

  set protocolVersion(version: string | undefined) {
    this.#inUse.protocolVersion = version;
  }

  get spokenVersion(): string | undefined {
    return this.#channel?.spokenVersion;
  }

  request(request: UpRequest): Promise<ExchangeEnd> {
    return request.method === 'initialize' ? this.#greet(request) : this.#inUse.request(request);
  }

  /** The workspace as it is comes first, unless it is known to refuse; what it refuses may be the era. */
  async #greet(request: UpRequest): Promise<ExchangeEnd> {
    const { workspace, eras } = this.#parts;
    const { account } = workspace;
    if (!this.#plain) {
      const end = await this.#greetAsKnown(request);
      if (end) return end;
    }
    const plain = this.#plain ?? this.#beginPlain();
    const greeted = await greet(plain.channel, request, (error) => mayBeTheEra(error, plain.status()));
    if (greeted.kind === 'said') {
      if (greeted.isWelcome) eras.learn(account, 'legacy', true);
      return greeted.end;
    }
    // What was believed before the refusal says no more.
    eras.doubt(account);
    const modern = await plain.probe(request.signal).catch((error: unknown) => {
      request.signal.throwIfAborted();
      // Why it cannot be used now is worth more than that it knows no handshake.
      if (greeted.isModern) throw error;
      return undefined;
    });
    if (!modern) return greeted.pass();
    eras.learn(account, 'legacy', false);
    return this.#translate(modern).request(request);
  }

  /** Undefined when the workspace proves not to be as it is known. */
  async #greetAsKnown(request: UpRequest): Promise<ExchangeEnd | undefined> {
    const { workspace, http, eras } = this.#parts;
    const opened = await openWorkspace(workspace, http, eras, request.signal);
    if (opened.era === 'modern') {
      const channel = this.#translate(opened.channel);
      const isAnswer = (error: unknown): boolean => !(error instanceof Error);
      const greeted = await greet(
        channel,
        request,
        (error) => isAnswer(error) || error instanceof EraChanged,
      );
      if (greeted.kind === 'said') return greeted.end;
      eras.doubt(workspace.account);
    }
    void opened.channel[Symbol.asyncDispose]();
    return undefined;
  }

  #translate(modern: ModernChannel): UpChannel {
    if (this.#isClosed) {
      void modern[Symbol.asyncDispose]();
      throw new BridgeError('stopping', 'The session was closed.');
    }
    const { workspace, http, eras } = this.#parts;
    this.#plain = undefined;
    const isStillModern = async (signal: AbortSignal): Promise<boolean> => {
      const { era, channel } = await openWorkspace(workspace, http, eras, signal);
      void channel[Symbol.asyncDispose]();
      return era === 'modern';
    };
    this.#channel = new LegacyOverModern({ workspace, channel: modern, isStillModern, pause: http.pause });
    return this.#channel;
  }

  #beginPlain(): Plain {
    if (this.#isClosed) throw new BridgeError('stopping', 'The session was closed.');
    this.#plain = plainly(this.#parts);
    this.#channel = this.#plain.channel;
    return this.#plain;
  }

  get #inUse(): UpChannel {
    if (this.#channel) return this.#channel;
    throw new BridgeError('internal', 'The session is not initialised.');
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#inUse.send(bytes, signal);
  }

  async listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    await this.#inUse.listen(onMessage, signal);
  }

  async resume(
    lastEventId: string,
    answers: string | undefined,
    onMessage: OnUpMessage,
    signal: AbortSignal,
  ): Promise<ExchangeEnd> {
    return this.#inUse.resume(lastEventId, answers, onMessage, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#channel?.[Symbol.asyncDispose]();
  }
}

/**
 * Shakes hands. A refusal that may be about the era, an error that was thrown or the one of an answer, is held back
 * until it is known whether it is.
 */
async function greet(
  channel: UpChannel,
  request: UpRequest,
  isAboutEra: (error: unknown) => boolean,
): Promise<Greeted> {
  let answer: UpMessage | undefined;
  let isHeld = false;
  const onMessage: OnUpMessage = (heard) => {
    if (heard.message?.kind !== 'response') return request.onMessage(heard);
    answer = heard;
    const { error } = heard.message;
    isHeld = error !== undefined && isAboutEra(error);
    if (!isHeld) return request.onMessage(heard);
  };
  try {
    const end = await channel.request({ ...request, onMessage });
    const held = answer;
    if (!held || !isHeld) {
      const isWelcome = held?.message?.kind === 'response' && held.message.error === undefined;
      return { kind: 'said', isWelcome, end };
    }
    const isModern = held.message?.kind === 'response' && MODERN_CODES.includes(held.message.error?.code);
    return {
      kind: 'held',
      isModern,
      pass: async () => {
        await request.onMessage(held);
        return COMPLETE;
      },
    };
  } catch (error) {
    if (request.signal.aborted || answer || !isAboutEra(error)) throw error;
    return { kind: 'held', isModern: false, pass: () => Promise.reject(error) };
  }
}

/**
 * Only a workspace of the newer era refuses a handshake so, or one that would not take it for other reasons either. A
 * refused credential, too many requests, a fault or silence say nothing.
 */
function mayBeTheEra(error: unknown, status: number | undefined): boolean {
  if (isForeignRefusal(status)) return true;
  const isAnswer = !(error instanceof Error);
  return isAnswer && (status === undefined || status < 300);
}

function plainly({ workspace, http, eras }: Parts): Plain {
  const { account } = workspace;
  const none = (): undefined => undefined;
  switch (account.upstream.kind) {
    case 'command': {
      const pipe = new CommandPipe(commandLine(account), workspace, http.waits);
      const probe = async (signal: AbortSignal): Promise<ModernChannel | undefined> => {
        const era = await askEra(pipe, signal, Math.min(http.waits.commandStartMs, PROBE_MS));
        eras.learn(account, 'modern', era === 'modern');
        return era === 'modern' ? new ModernCommand({ workspace, waits: http.waits, eras, pipe }) : undefined;
      };
      return { channel: new CommandChannel(pipe, http.waits), status: none, probe };
    }
    case 'sse':
      return { channel: connect(workspace, http), status: none, probe: async () => undefined };
    case 'http': {
      let status: number | undefined;
      const observe: Workspace['observe'] = (seen, ...more) => {
        status = seen;
        workspace.observe(seen, ...more);
      };
      const probe = async (signal: AbortSignal): Promise<ModernChannel | undefined> => {
        const opened = await openWorkspace(workspace, http, eras, signal);
        if (opened.era === 'modern') return opened.channel;
        await opened.channel[Symbol.asyncDispose]();
        return undefined;
      };
      return { channel: connect({ ...workspace, observe }, http), status: () => status, probe };
    }
    default:
      return account.upstream satisfies never;
  }
}
