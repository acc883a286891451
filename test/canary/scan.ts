import { allHex, ownerOf, type Planted, plantedCount, WINDOW } from './canary.ts';

/** How a secret was written where it was found. */
export type Form = 'plain' | 'hex' | 'base64' | 'utf-16' | 'escaped';

/** A secret found where none may be. Holds no part of the value. */
export interface Leak {
  readonly secret: Planted;
  readonly form: Form;
  readonly place: string;
  /** In bytes for bytes, in UTF-16 units for text. */
  readonly offset: number;
}

/** Long texts are searched in pieces, because a regular expression cannot match a run of many millions. */
const PIECE = 256 * 1024;
/** Longer than twelve characters in any form. */
const OVERLAP = 1024;

const HEX_RUN = /[0-9a-fA-F]{12,}/g;
const TOKEN_RUN = /[A-Za-z0-9_-]{12,}/g;
const BASE64_RUN = /[A-Za-z0-9+/_-]{16,}/g;
const UTF16_RUN = /(?:[A-Za-z0-9_-](?:\0|%00|\\+x00|\\+u0000)){11,}[A-Za-z0-9_-]/g;
const ZERO = /\0|%00|\\+x00|\\+u0000/g;
const ESCAPED_RUN =
  /(?:[A-Za-z0-9_-]|%[2-7][0-9a-f]|\\+u00[2-7][0-9a-f]|\\+x[2-7][0-9a-f]|&#x0*[2-7][0-9a-f];|&#0*[0-9]{2,3};){12,}/gi;
const ESCAPE = /%([0-9a-f]{2})|\\+u00([0-9a-f]{2})|\\+x([0-9a-f]{2})|&#x0*([0-9a-f]{2});|&#0*([0-9]{2,3});/gi;

/**
 * Every planted secret of which twelve characters in a row occur in the content: as they are, in either case; as
 * hexadecimal digits; in base64 or base64url at any alignment; as UTF-16; percent-, JSON- or HTML-escaped. Secrets
 * reversed or split over two places are not found. At most one leak per secret and form.
 */
export function findLeaks(place: string, content: string | Uint8Array): Leak[] {
  if (plantedCount() === 0) return [];
  const found = new Map<string, Leak>();
  for (let start = 0; start < content.length; start += PIECE) {
    const end = start + PIECE + OVERLAP;
    const piece =
      typeof content === 'string' ? content.slice(start, end) : latin1(content.subarray(start, end));
    for (const { form, at, secret } of secretsIn(piece)) {
      const key = `${form} ${secret.number}`;
      if (!found.has(key)) found.set(key, { secret, form, place, offset: start + at });
    }
  }
  return [...found.values()].filter(
    ({ form, secret }) => form !== 'escaped' || !found.has(`plain ${secret.number}`),
  );
}

function* secretsIn(text: string): Generator<{ form: Form; at: number; secret: Planted }> {
  for (const hit of plainWindows(text)) yield { form: 'plain', ...hit };
  for (const { at, run } of runs(text, HEX_RUN)) {
    for (const shift of [0, 1]) {
      const decoded = latin1(Buffer.from(run.slice(shift), 'hex'));
      for (const hit of plainWindows(decoded)) {
        yield { form: 'hex', at: at + shift + hit.at * 2, secret: hit.secret };
      }
    }
  }
  for (const { at, run } of runs(text, BASE64_RUN)) {
    for (const shift of [0, 1, 2, 3]) {
      const decoded = latin1(Buffer.from(run.slice(shift), 'base64'));
      for (const hit of [...plainWindows(decoded), ...utf16Windows(decoded)]) {
        yield { form: 'base64', at: at + shift + Math.floor((hit.at * 4) / 3), secret: hit.secret };
      }
    }
  }
  for (const hit of utf16Windows(text)) yield { form: 'utf-16', ...hit };
  if (!/%|\\[ux]|&#/.test(text)) return;
  for (const { at, run } of runs(text, ESCAPED_RUN)) {
    for (const { secret } of plainWindows(unescaped(run))) yield { form: 'escaped', at, secret };
  }
}

/** One line that says where a secret was found, without any part of it. */
export function leakLine({ secret, form, place, offset }: Leak): string {
  const shown = findLeaks('', place).length === 0 ? place : place.replace(/[^/ ]{12,}/g, '…');
  return `secret #${secret.number} (${secret.kind}), ${form}, in ${shown}, offset ${offset}`;
}

function* runs(text: string, pattern: RegExp): Generator<{ at: number; run: string }> {
  for (const match of text.matchAll(pattern)) yield { at: match.index, run: match[0] };
}

function* plainWindows(text: string): Generator<{ at: number; secret: Planted }> {
  const hex = allHex();
  for (const { at, run } of runs(text, hex ? HEX_RUN : TOKEN_RUN)) {
    const lower = run.toLowerCase();
    for (let start = 0; start + WINDOW <= run.length; start += 1) {
      const exact = hex ? undefined : ownerOf(run.slice(start, start + WINDOW));
      const secret = exact ?? ownerOf(lower.slice(start, start + WINDOW));
      if (secret !== undefined) yield { at: at + start, secret };
    }
  }
}

function* utf16Windows(text: string): Generator<{ at: number; secret: Planted }> {
  for (const { at, run } of runs(text, UTF16_RUN)) {
    for (const hit of plainWindows(run.replace(ZERO, ''))) yield { at: at + hit.at * 2, secret: hit.secret };
  }
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_whole, percent, unicode, hex, html, decimal) =>
    decimal === undefined
      ? String.fromCharCode(Number.parseInt(percent ?? unicode ?? hex ?? html, 16))
      : String.fromCharCode(Number(decimal)),
  );
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
