import { characterName } from '../base/text.ts';
import type { SelectedUser } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';

/** Longest address that mail can be sent to (RFC 5321 section 4.5.3.1, RFC 3696 erratum 1690), and its parts. */
const ADDRESS_LENGTH = 254;
const LOCAL_LENGTH = 64;

/** `atext` of RFC 5322 section 3.2.3, joined by single dots. */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** `Quoted-string` of RFC 5321 section 4.1.2. */
const QUOTED = /^"(?:[\u0020\u0021\u0023-\u005b\u005d-\u007e]|\\[\u0020-\u007e])*"$/;
const DOMAIN =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._:|~-]{0,127}$/;

/**
 * Reads the selected user as typed: an e-mail address when it contains an at sign, else a user id. The value goes
 * into a header, so it is plain ASCII; it is kept as typed, because servers may tell upper from lower case.
 * @throws BridgeError `invalid-input` that says what to change.
 */
export function readUser(typed: string | SelectedUser): SelectedUser {
  const value = (typeof typed === 'string' ? typed : typed.value).trim();
  const by = typeof typed === 'string' ? (value.includes('@') ? 'email' : 'id') : typed.by;
  if (value === '') throw refuse('Enter the user: e-mail or user id.');
  if (by === 'email') checkEmail(value);
  else checkId(value);
  return { by, value };
}

function checkId(value: string): void {
  const bad = /[^A-Za-z0-9._:|~-]/u.exec(value);
  if (bad) {
    throw refuse(
      `A user id has letters, digits and . _ : | ~ - only. Position ${bad.index + 1} is ${shown(bad[0])}.`,
    );
  }
  if (!USER_ID.test(value)) {
    throw refuse('A user id has 1 to 128 characters and begins with a letter or a digit.');
  }
}

function checkEmail(value: string): void {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, Math.max(at, 0));
  const domain = value.slice(at + 1);
  const foreign = /[^\u0020-\u007e]/u.exec(value);
  if (foreign) throw refuse(foreignText(foreign, local, domain));
  if (at < 1 || domain === '') throw refuse('An e-mail address looks like name@example.com. Check it.');
  if (value.length > ADDRESS_LENGTH || local.length > LOCAL_LENGTH) {
    throw refuse(`An e-mail address has at most ${ADDRESS_LENGTH} characters, ${LOCAL_LENGTH} before the @.`);
  }
  if (!DOT_ATOM.test(local) && !QUOTED.test(local)) {
    throw refuse('The part before the @ is not one of an e-mail address. Check it, or use the user id.');
  }
  if (!DOMAIN.test(domain)) throw refuse('The part after the @ is not a domain. Check it.');
}

function foreignText(found: RegExpExecArray, local: string, domain: string): string {
  const code = found[0].codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code <= 0xa0)) {
    return `This value contains a character that cannot be sent: ${characterName(found[0])}, position ${found.index + 1}.`;
  }
  if (/[^\u0020-\u007e]/.test(local) || local === '') {
    return 'This server accepts plain characters in the e-mail address only; use the user id.';
  }
  const ascii = URL.canParse(`https://${domain}`) ? new URL(`https://${domain}`).hostname : '';
  if (!DOMAIN.test(ascii) || ascii.length > 150) {
    return 'This server accepts plain characters in the e-mail address only; use the user id.';
  }
  return `This server accepts plain characters only. Write the domain as ${ascii}, or use the user id.`;
}

function shown(character: string): string {
  return /[\u0021-\u007e]/.test(character) ? `"${character}"` : characterName(character);
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
