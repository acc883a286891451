/** One byte per call of each client, by the call's number; 0 is nothing. Sixteen million calls fit into 16 MB. */
export class Ledger {
  readonly #rows: Uint8Array[] = [];

  get(client: number, call: number): number {
    return this.#rows[client]?.[call] ?? 0;
  }

  set(client: number, call: number, value: number): void {
    const row = this.#rows[client] ?? new Uint8Array(1024);
    const roomy = call < row.length ? row : grown(row, call);
    roomy[call] = value;
    this.#rows[client] = roomy;
  }

  /** The rows as they are, for another process. */
  get rows(): readonly Uint8Array[] {
    return this.#rows;
  }

  static from(rows: readonly Uint8Array[]): Ledger {
    const ledger = new Ledger();
    ledger.#rows.push(...rows);
    return ledger;
  }
}

function grown(row: Uint8Array, call: number): Uint8Array {
  const larger = new Uint8Array(Math.max(row.length * 2, call + 1));
  larger.set(row);
  return larger;
}

/** What became of a call, as the client saw it. Accounts are their own numbers, from 1. */
export const outcomes = {
  /** Sent, and nothing came back. */
  none: 0,
  /** An error that says that nothing was carried out. */
  notRun: 100,
  /** An error that says that it may have been carried out. */
  mayHaveRun: 101,
  /** The connection broke under it. */
  cut: 102,
  /** A list, or something else that may be asked twice; answered as it should. */
  list: 103,
} as const;

/** A workspace got this call more than once. */
export const TWICE = 255;
