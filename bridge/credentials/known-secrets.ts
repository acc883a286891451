import { Redactor } from '../base/redactor.ts';
import { type Credential, lastingSecrets, passingSecrets } from './credential.ts';

/**
 * Sets of tokens remembered per account, and those of dropped accounts. Renewals come minutes apart, and answers to older
 * tokens are long over.
 */
const REMEMBERED = 16;

interface Known {
  readonly redactor: Redactor;
  readonly lasting: Set<string>;
  /** Secrets of the last grants, the newest at the end. */
  passing: string[][];
}

/**
 * What must be kept out of texts, per account and for the whole process. Keys and headers are remembered for ever, since
 * people seldom replace them; tokens change every few minutes, so only those of the last grants are.
 */
export class KnownSecrets<Id> {
  readonly #process: Redactor;
  readonly #accounts = new Map<Id, Known>();
  /** How many accounts remember a passing secret; a client's secret may belong to several. */
  readonly #holders = new Map<string, number>();
  /** Tokens of dropped accounts, those of the last one at the end. */
  #dropped: string[][] = [];

  constructor(process: Redactor) {
    this.#process = process;
  }

  learn(account: Id, credential: Credential): void {
    const known = this.#accounts.get(account) ?? {
      redactor: new Redactor(),
      lasting: new Set(),
      passing: [],
    };
    this.#accounts.set(account, known);
    for (const secret of lastingSecrets(credential)) {
      const text = secret.reveal();
      known.lasting.add(text);
      known.redactor.learn(text);
      this.#process.learn(text);
      // Never to be forgotten on behalf of an account that knew it as a passing one.
      this.#holders.set(text, Number.POSITIVE_INFINITY);
    }
    const texts = [...new Set(passingSecrets(credential).map((secret) => secret.reveal()))];
    if (texts.length > 0) this.#pass(known, texts);
  }

  /** The text without the secrets of this account. */
  clean(account: Id, text: string): string {
    return this.#accounts.get(account)?.redactor.cleanKnown(text) ?? text;
  }

  /** Forgets the account; the process goes on keeping its secrets out of logs, its tokens for a while. */
  drop(account: Id): void {
    const texts = new Set(this.#accounts.get(account)?.passing.flat());
    this.#accounts.delete(account);
    if (texts.size === 0) return;
    this.#dropped.push([...texts]);
    if (this.#dropped.length <= REMEMBERED) return;
    const [oldest = [], ...kept] = this.#dropped;
    this.#dropped = kept;
    for (const text of oldest) this.#release(text);
  }

  #pass(known: Known, texts: string[]): void {
    const before = new Set(known.passing.flat());
    for (const text of texts) {
      if (before.has(text)) continue;
      known.redactor.learn(text);
      this.#process.learn(text);
      this.#holders.set(text, (this.#holders.get(text) ?? 0) + 1);
    }
    const last = known.passing.at(-1) ?? [];
    const isNew = texts.some((text) => !last.includes(text));
    // A credential saved again with the same tokens pushes nobody out.
    known.passing = isNew ? [...known.passing, texts] : known.passing;
    if (known.passing.length <= REMEMBERED) return;
    const [oldest = [], ...kept] = known.passing;
    known.passing = kept;
    const still = new Set(kept.flat());
    for (const text of oldest) {
      if (still.has(text) || known.lasting.has(text)) continue;
      known.redactor.forget(text);
      this.#release(text);
    }
  }

  /** One account less remembers it. */
  #release(text: string): void {
    const holders = (this.#holders.get(text) ?? 0) - 1;
    if (holders > 0) {
      this.#holders.set(text, holders);
      return;
    }
    this.#holders.delete(text);
    this.#process.forget(text);
  }
}
