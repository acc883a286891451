import { oneLine } from '../base/text.ts';
import { OAuthTrouble } from './trouble.ts';

/**
 * A server does not offer what a safe sign-in needs; trying again changes nothing.
 * @param host of the workspace, for people.
 * @param reason ends the sentence; what a server wrote must be cut and cleaned before.
 */
export function noSafeSignIn(host: string, reason: string, cause?: unknown): OAuthTrouble {
  const shown = oneLine(host, 100);
  const message = `${shown} offers no sign-in method Gangway can use safely: ${reason}.`;
  return new OAuthTrouble('unsafe', message, { host: shown }, cause);
}
