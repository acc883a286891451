import { randomBytes } from 'node:crypto';

/** Whose shape a secret has: Allegro's tokens, allv's and Aly's keys, a bearer token, a local client token, any other. */
export type CanaryKind = 'sanctum' | 'allv' | 'aly' | 'bearer' | 'local' | 'generic';

/** A secret the scan looks for. `random` is the part that occurs nowhere else in the world. */
export interface Planted {
  readonly kind: CanaryKind;
  /** Counts from 1 in this test file; reports name a secret by kind and number, never by value. */
  readonly number: number;
  readonly random: string;
}

/** Characters of a secret that must not appear anywhere in a row. */
export const WINDOW = 12;

const planted: Planted[] = [];
const windows = new Map<string, Planted>();
let onlyHex = true;

/**
 * A fresh secret in the shape of a real one. Tests take every secret from here; after each test everything the test
 * wrote, printed, sent or threw is searched for it, in all usual encodings.
 */
export function canary(kind: CanaryKind): string {
  const number = planted.length + 1;
  const random = randomBytes(kind === 'sanctum' ? 21 : 16).toString('hex');
  plant({ kind, number, random });
  switch (kind) {
    case 'sanctum':
      return `${100 + number}|CANARY${random}`;
    case 'allv':
      return `sk_live_CANARY${number}${random}`;
    case 'aly':
      return `aly_CANARY${number}${random}`;
    case 'bearer':
    case 'local':
    case 'generic':
      return `CANARY_${kind}_${number}_${random}`;
    default:
      return kind satisfies never;
  }
}

/**
 * Lets the scan treat a secret made elsewhere, such as a client token the bridge minted, like a canary.
 * @throws Error when it is too short or too plain to be searched for without false alarms.
 */
export function adoptSecret(kind: CanaryKind, value: string): void {
  if (!/^[A-Za-z0-9_-]{16,}$/.test(value)) {
    throw new Error('Only secrets of 16 or more letters, digits, "_" and "-" can be searched for.');
  }
  if (!/^[0-9a-f]+$/.test(value)) onlyHex = false;
  plant({ kind, number: planted.length + 1, random: value });
}

function plant(secret: Planted): void {
  planted.push(secret);
  for (let start = 0; start + WINDOW <= secret.random.length; start += 1) {
    windows.set(secret.random.slice(start, start + WINDOW), secret);
  }
}

/** How many secrets this test file has planted so far. */
export function plantedCount(): number {
  return planted.length;
}

/** True while every secret is made of hexadecimal digits, which lets the scan skip most text. */
export function allHex(): boolean {
  return onlyHex;
}

/** The secret of which these twelve characters are a part. */
export function ownerOf(window: string): Planted | undefined {
  return windows.get(window);
}
