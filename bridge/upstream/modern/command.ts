import { commandLine } from '../../connectors/command.ts';
import { SessionLost, type UpMessage } from '../channel.ts';
import { CommandPipe } from '../command-pipe.ts';
import type { Eras } from '../eras.ts';
import type { Waits } from '../http.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import { EraChanged, type ModernChannel, type ModernRequest } from './channel.ts';
import { askEra } from './discover.ts';
import { renumbered, restored, wantsLog, withdrawal } from './renumbering.ts';

const MOST_STARTS = 2;

export interface ModernCommandParts {
  readonly workspace: Workspace;
  readonly waits: Waits;
  readonly eras: Eras;
  /** Started already, and known to speak this era; without it the first request starts one. */
  readonly pipe?: CommandPipe | undefined;
}

/**
 * A workspace that is a local command, without a handshake (MCP 2026-07-28, stdio). All requests share its pipe, each
 * under a number of its own; a command that ended is started again by the next request.
 */
export class ModernCommand implements ModernChannel {
  readonly era = 'modern';
  readonly #parts: ModernCommandParts;
  readonly #closing = new AbortController();
  /** By their number, oldest first. */
  readonly #running = new Map<string, ModernRequest>();
  #pipe: CommandPipe | undefined;
  #starting: Promise<CommandPipe> | undefined;
  #nextId = 1;

  constructor(parts: ModernCommandParts) {
    this.#parts = parts;
    if (parts.pipe) this.#use(parts.pipe);
  }

  async request(request: ModernRequest): Promise<void> {
    for (let starts = 0; starts < MOST_STARTS; starts += 1) {
      const pipe = await this.#ready(request.signal);
      try {
        return await this.#ask(pipe, request);
      } catch (error) {
        // It ended before the request could be written.
        if (!(error instanceof SessionLost)) throw error;
      }
    }
    const { account } = this.#parts.workspace;
    const message = `The local command of ${account.label} ends as soon as it was started. Nothing was carried out.`;
    throw troubleOf(account, 'refused', message);
  }

  async #ask(pipe: CommandPipe, request: ModernRequest): Promise<void> {
    const { message, repeatable, signal } = request;
    const id = String(this.#nextId);
    this.#nextId += 1;
    this.#running.set(id, request);
    try {
      await pipe.ask({
        bytes: renumbered(message, id),
        id,
        method: message.method,
        repeatable,
        signal,
        onMessage: (heard) => request.onMessage(restored(heard, message)),
      });
    } catch (error) {
      if (signal.aborted) void pipe.write(withdrawal(id)).catch(() => undefined);
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  /** The command, started when it does not run; one start for all who wait. */
  async #ready(signal: AbortSignal): Promise<CommandPipe> {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    if (this.#pipe && !this.#pipe.ended) return this.#pipe;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    const { promise: left, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([left, this.#starting]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #start(): Promise<CommandPipe> {
    const { workspace, waits, eras } = this.#parts;
    void this.#pipe?.[Symbol.asyncDispose]();
    this.#pipe = undefined;
    const pipe = new CommandPipe(commandLine(workspace.account), workspace, waits);
    try {
      const era = await askEra(pipe, this.#closing.signal, waits.commandStartMs);
      if (era !== 'modern') throw new EraChanged(workspace);
      this.#closing.signal.throwIfAborted();
    } catch (error) {
      const isSilent = !pipe.ended && !(error instanceof EraChanged);
      void pipe[Symbol.asyncDispose]();
      this.#closing.signal.throwIfAborted();
      eras.doubt(workspace.account);
      // Silence is how some commands of the older era meet what they do not know.
      throw isSilent ? new EraChanged(workspace, undefined, error) : error;
    }
    this.#use(pipe);
    return pipe;
  }

  #use(pipe: CommandPipe): void {
    this.#pipe = pipe;
    pipe.greeted = true;
    void pipe.correlator.listen((heard) => this.#hearLog(heard), this.#closing.signal);
  }

  /** Over stdio nothing says which request a line of the log belongs to; one that asked for the log gets it. */
  async #hearLog(heard: UpMessage): Promise<void> {
    if (heard.message?.kind !== 'notification' || heard.message.method !== 'notifications/message') return;
    const asking = [...this.#running.values()].findLast(({ message }) => wantsLog(message));
    await asking?.onMessage(heard);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { account } = this.#parts.workspace;
    this.#closing.abort(troubleOf(account, 'stopping', `The local command of ${account.label} was stopped.`));
    await this.#starting?.catch(() => undefined);
    await this.#pipe?.[Symbol.asyncDispose]();
  }
}
