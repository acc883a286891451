import { oneLine } from '../base/text.ts';
import type { SignInState } from '../contract/sign-in.ts';
import { openableLink, openPage, type WayToOpen } from './browser.ts';
import type { Terminal } from './terminal.ts';
import { timeLeft } from './words.ts';

/** Time, as far as a person sees it go by. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls the task again and again until disposed. */
  every(ms: number, task: () => void): Disposable;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  every: (ms, task) => {
    const timer = setInterval(task, ms);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};

export interface StageParts {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly way: WayToOpen;
  readonly clock: Clock;
  /** Host of the workspace. */
  readonly host: string;
  /** Ctrl-C while a person is being waited for. */
  readonly leave: () => void;
}

type Waiting = Extract<SignInState, { step: 'waiting' }>;

/** Shows on stderr where a sign-in is, and opens its page. One line says what goes on now; a new one replaces it. */
export class SignInStage implements Disposable {
  readonly #parts: StageParts;
  #scene = new DisposableStack();
  #line: Disposable | undefined;

  constructor(parts: StageParts) {
    this.#parts = parts;
  }

  /** Shows a state in place of the one before. @throws BridgeError `refused` for a link that must not be opened. */
  enter(state: SignInState): void {
    this.clear();
    if (state.step === 'waiting') this.#wait(state);
    const text = textOf(state, this.#parts.host);
    if (text !== undefined) this.#now(text);
  }

  /** Takes the present state off the screen; nothing is listened to any more. */
  clear(): void {
    this.#scene.dispose();
    this.#scene = new DisposableStack();
    this.#clearLine();
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #wait({ host, link, expiresAt }: Waiting): void {
    const { terminal, way, clock } = this.#parts;
    const page = openableLink(link);
    if (way.kind === 'nothing' && way.why !== '') terminal.say(`  ${way.why}`);
    const hint =
      way.kind === 'program' ? 'Not opened? Open it yourself:' : 'Open it in a browser on this computer:';
    terminal.say(`  Sign in at ${shown(host)}. ${hint}`);
    terminal.say(page);
    if (way.kind === 'program') this.#open(way, page);
    const wait = (): void =>
      this.#now(`waiting for you to sign in (${timeLeft(expiresAt, clock.now())} left)`);
    wait();
    // Where lines cannot be replaced, one is enough.
    if (terminal.isLive) this.#scene.use(clock.every(1000, wait));
  }

  #open(way: Extract<WayToOpen, { kind: 'program' }>, link: string): void {
    const { terminal, environment, leave } = this.#parts;
    const scene = this.#scene;
    const failed = (why: string): void => {
      // Once the page is done with, it does not matter how its program ended.
      if (this.#scene !== scene) return;
      this.#clearLine();
      terminal.say(`  ${terminal.styleError('yellow', '!')} ${why} Open the page yourself:`);
      terminal.say(link);
    };
    const open = (): void => openPage(way, link, environment, failed);
    if (terminal.isInteractive) {
      terminal.say('  Enter opens it again, Ctrl-C cancels.');
      scene.use(terminal.listen({ enter: open, leave }));
    }
    open();
  }

  #now(text: string): void {
    const { terminal } = this.#parts;
    const line = `  … ${text}`;
    this.#clearLine();
    if (terminal.isLive) this.#line = terminal.wait(line);
    else terminal.say(line);
  }

  #clearLine(): void {
    this.#line?.[Symbol.dispose]();
    this.#line = undefined;
  }
}

/** What goes on in a state in which nobody is waited for. */
function textOf(state: SignInState, workspace: string): string | undefined {
  switch (state.step) {
    case 'discovering':
      return `looking for the sign-in of ${shown(workspace)}`;
    case 'registering':
      return `registering at ${shown(state.host)}`;
    case 'exchanging':
      return `finishing the sign-in at ${shown(state.host)}`;
    case 'identity':
      return `asking ${shown(state.host)} who you are`;
    default:
      return undefined;
  }
}

function shown(host: string): string {
  return oneLine(host, 100);
}
