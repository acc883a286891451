import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';

type Format = Parameters<typeof styleText>[0];

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** The person's terminal, or the pipes a script gave us. Results go to stdout, everything else to stderr. */
export class Terminal {
  readonly #streams: Streams;
  #isListening = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Somebody is there to be asked. */
  get isInteractive(): boolean {
    return this.#streams.stdin.isTTY === true && this.#streams.stderr.isTTY === true;
  }

  /** Keys that are typed mean something already, so no question may be asked. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Lines that are shown now may be replaced later. */
  get isLive(): boolean {
    return this.#streams.stderr.isTTY === true;
  }

  /** Writes a part of the result to stdout; resolves when more may be written, or when nobody reads any more. */
  async write(text: string): Promise<void> {
    const { stdout } = this.#streams;
    if (stdout.destroyed || stdout.write(text)) return;
    const waiting = new AbortController();
    const until = (event: string): Promise<unknown> => once(stdout, event, { signal: waiting.signal });
    await Promise.race([until('drain'), until('close')]).catch(() => undefined);
    waiting.abort();
  }

  /** A line of progress, advice or trouble, on stderr. */
  say(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  /** A line on stderr that the next `say` replaces; nothing where lines cannot be replaced. */
  wait(line: string): Disposable {
    if (!this.isLive) return { [Symbol.dispose]: () => undefined };
    this.#streams.stderr.write(line);
    return { [Symbol.dispose]: () => void this.#streams.stderr.write('\r\u001b[K') };
  }

  /** Colours where they can be seen and NO_COLOR does not forbid them. */
  style(format: Format, text: string): string {
    return styled(format, text, this.#streams.stdout);
  }

  styleError(format: Format, text: string): string {
    return styled(format, text, this.#streams.stderr);
  }

  /**
   * Asks a question and reads one line without showing it.
   * @throws BridgeError `invalid-input` when nobody is there to answer; the signal's reason on Ctrl-C.
   */
  async askSecret(question: string, signal: AbortSignal): Promise<string> {
    return this.#ask(question, 'hidden', signal);
  }

  /** Asks whether to go on; anything but a clear yes is a no. */
  async askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(`${question} [y/N] `, 'shown', signal);
    return /^y(es)?$/i.test(answer.trim());
  }

  /**
   * Asks for one of several things, again until the answer is the number of one of them.
   * @returns its index. @throws as `askSecret`.
   */
  async askChoice(question: string, choices: readonly string[], signal: AbortSignal): Promise<number> {
    this.say(question);
    for (const [index, choice] of choices.entries()) this.say(`  ${index + 1}  ${choice}`);
    for (;;) {
      const answer = await this.#ask(`Which one? [1-${choices.length}] `, 'shown', signal);
      const number = Number(answer.trim());
      if (answer.trim() !== '' && Number.isInteger(number) && number >= 1 && number <= choices.length) {
        return number - 1;
      }
    }
  }

  /** Until disposed, Enter calls `enter` and Ctrl-C calls `leave`, and nothing that is typed is shown. */
  listen({ enter, leave }: { readonly enter: () => void; readonly leave: () => void }): Disposable {
    const output = silence();
    const lines = createInterface({ input: this.#streams.stdin, output, terminal: true, historySize: 0 });
    lines.on('line', enter);
    lines.on('SIGINT', leave);
    this.#isListening = true;
    return {
      [Symbol.dispose]: () => {
        this.#isListening = false;
        lines.close();
      },
    };
  }

  async #ask(question: string, how: 'hidden' | 'shown', signal: AbortSignal): Promise<string> {
    if (!this.isInteractive) {
      throw new BridgeError('invalid-input', 'Nobody can be asked here, because this is no terminal.');
    }
    signal.throwIfAborted();
    const { stdin, stderr } = this.#streams;
    if (how === 'hidden') stderr.write(question);
    const output = how === 'hidden' ? silence() : stderr;
    const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
    try {
      return await new Promise<string>((resolve, reject) => {
        const gaveUp = (): void => reject(new DOMException('Nothing was entered.', 'AbortError'));
        lines.once('SIGINT', gaveUp);
        lines.once('close', gaveUp);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        lines.question(how === 'hidden' ? '' : question, resolve);
      });
    } finally {
      lines.close();
      if (how === 'hidden') stderr.write('\n');
    }
  }

  /**
   * The lines of stdin up to its end, without their line ends.
   * @throws BridgeError `invalid-input` when there are fewer than `count`, `too-large`.
   */
  async readLines(count: number, signal: AbortSignal): Promise<string[]> {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of this.#streams.stdin.iterator({ destroyOnReturn: false })) {
      signal.throwIfAborted();
      const bytes = Buffer.from(part as Buffer);
      size += bytes.length;
      if (size > limits.keyBytes * (count + 1)) {
        throw new BridgeError(
          'too-large',
          'What came on stdin is too long for a key. Check what you piped in.',
        );
      }
      parts.push(bytes);
    }
    const text = Buffer.concat(parts)
      .toString('utf8')
      .replace(/\r?\n$/, '');
    const lines = text === '' ? [] : text.split(/\r?\n/);
    if (lines.length < count) {
      const wanted = count === 1 ? 'one line' : `${count} lines`;
      throw new BridgeError('invalid-input', `Expected ${wanted} on stdin, but there are ${lines.length}.`);
    }
    return lines;
  }
}

function silence(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function styled(format: Format, text: string, stream: Writable): string {
  return styleText(format, text, { stream, validateStream: true });
}
