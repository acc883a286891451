import type { Connector } from '../connectors/connector.ts';
import { reachOfHost } from '../connectors/reach.ts';
import type { SignIn } from '../contract/account.ts';
import type { WorkspaceLook } from '../contract/control.ts';

type Check = WorkspaceLook['checks'][number];
type Way = SignIn['kind'];

const ORDER: readonly Check['name'][] = ['address', 'reachable', 'certificate', 'protocol', 'sign-in'];
const LONGEST_TEXT = 300;

/** What a look at an address found out so far, in the order of its checks. */
export class LookReport {
  readonly connector: Connector;
  /** The person has to say first that the private network is theirs. */
  privateNetwork = false;
  /** There was a connection, with a good certificate where it has one. */
  isMet = false;
  readonly #checks: Check[] = [];
  #url: URL | undefined;
  #signIn: readonly Way[] = [];
  #server: string | null = null;
  #protocolVersion: string | null = null;

  constructor(connector: Connector) {
    this.connector = connector;
  }

  /** Where an account would lead. */
  leadsTo(url: string): void {
    this.#url = new URL(url);
  }

  pass(name: Check['name'], text: string): void {
    this.#add(name, 'ok', text);
  }

  fail(name: Check['name'], text: string): void {
    this.#add(name, 'failed', text);
  }

  /** Something did not work, and all before it did. */
  failAt(name: 'reachable' | 'certificate' | 'protocol', text: string): void {
    if (name !== 'reachable') this.#reached();
    if (name === 'protocol') this.#secured();
    this.fail(name, text);
  }

  /** It shook hands; `server` is its name, if it has one. */
  welcomed(server: string, protocolVersion: string): void {
    this.#reached();
    this.#secured();
    this.#server = server || null;
    this.#protocolVersion = protocolVersion;
    this.pass('protocol', `${server || this.host} speaks MCP ${protocolVersion}.`);
  }

  /** It wants a sign-in before it says anything. */
  asksFirst(): void {
    this.#reached();
    this.#secured();
    this.pass('protocol', `${this.host} asks for a sign-in before it says anything.`);
  }

  signsIn({ state, ways, text }: WaysIn): void {
    this.#signIn = ways;
    this.#add('sign-in', state, text);
  }

  /** Its time was over. */
  late(ms: number): void {
    const text = `${this.host} did not answer within ${Math.ceil(ms / 1000)} s.`;
    if (this.#checks.some(({ name }) => name === 'protocol')) this.fail('sign-in', text);
    else this.failAt(this.isMet ? 'protocol' : 'reachable', text);
  }

  view(): WorkspaceLook {
    const skipped = ORDER.slice(this.#checks.length).map(
      (name): Check => ({ name, state: 'skipped', text: 'Not looked at.' }),
    );
    return {
      address: this.#url?.href ?? null,
      host: this.#url?.host ?? null,
      connector: this.connector.id,
      checks: [...this.#checks, ...skipped],
      signIn: [...this.#signIn],
      server: this.#server,
      protocolVersion: this.#protocolVersion,
      privateNetwork: this.privateNetwork,
    };
  }

  get host(): string {
    return this.#url?.host ?? 'the server';
  }

  #reached(): void {
    this.pass('reachable', `${this.host} can be reached.`);
  }

  #secured(): void {
    this.pass('certificate', this.#url ? securityOf(this.#url) : '');
  }

  #add(name: Check['name'], state: Check['state'], text: string): void {
    this.#checks.push({ name, state, text: text.slice(0, LONGEST_TEXT).toWellFormed() });
  }
}

function securityOf({ protocol, hostname, host }: URL): string {
  if (protocol === 'https:') return `The certificate of ${hostname} is good.`;
  if (reachOfHost(hostname) === 'loopback') {
    return 'No certificate is needed: the server is on this computer.';
  }
  return `Warning: without https, everybody on the way to ${host} can read the key and all content.`;
}

/** What is known of signing in in the browser. */
export type BrowserSignIn =
  /** `host` of the authorization server. */
  | { readonly kind: 'found'; readonly host: string }
  | { readonly kind: 'none' }
  /** What is published is not safe to use, or cannot be told now. */
  | { readonly kind: 'unusable' | 'unknown'; readonly because: string };

/** Ways to sign in, the best first, and a sentence about them. */
export interface WaysIn {
  readonly state: 'ok' | 'failed';
  readonly ways: readonly Way[];
  readonly text: string;
}

/**
 * How one signs in at a host, by what was learned of it. A known connector has an order of its own; at any other server
 * none is better than one in the browser, and that better than a key.
 * @param isOpen it answers without any sign-in.
 */
export function waysIn(connector: Connector, host: string, isOpen: boolean, browser: BrowserSignIn): WaysIn {
  if (browser.kind === 'unknown' && !isOpen) return { state: 'failed', ways: [], text: browser.because };
  const learned = new Set<Way>([
    isOpen ? 'none' : 'key',
    ...(browser.kind === 'found' ? (['oauth'] as const) : []),
  ]);
  const order = connector.id === 'custom' ? (['none', 'oauth', 'key'] as const) : connector.signIn;
  const ways = order.filter((way) => learned.has(way));
  if (ways.length === 0) {
    const text = `${host} asks for no sign-in, but ${connector.label} always does. Check the address.`;
    return { state: 'failed', ways, text };
  }
  const words: Readonly<Record<Way, string>> = {
    none: 'no sign-in is needed',
    oauth: `sign in in the browser${browser.kind === 'found' ? ` at ${browser.host}` : ''}`,
    key: 'use a key',
  };
  const sentence = ways.map((way) => words[way]).join(', or ');
  const why = browser.kind === 'unusable' && !isOpen ? ` ${browser.because}` : '';
  return { state: 'ok', ways, text: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.${why}` };
}
