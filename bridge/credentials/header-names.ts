import { limits } from '../base/limits.ts';
import { userHeaderNames } from '../connectors/catalog.ts';
import { BridgeError } from '../contract/errors.ts';

/** A field name is a token (RFC 9110 section 5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Headers that steer the connection, the message or the MCP session; a fixed value would break or redirect them. */
const RESERVED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);
const RESERVED_FAMILIES = /^(mcp-|proxy-|sec-|access-control-|x-forwarded-|x-http-method)/;

/** Headers whose value signs in; of these an account has one at most. */
const SIGN_IN: ReadonlySet<string> = new Set(['authorization', 'x-api-key', 'api-key', 'apikey']);
const ALWAYS_SECRET: ReadonlySet<string> = new Set([...SIGN_IN, 'cookie', 'x-auth-token', 'x-access-token']);

/**
 * The lower-case name of an extra header.
 * @throws BridgeError `invalid-input` when it is no field name or belongs to the bridge, the connection or MCP.
 */
export function readHeaderName(typed: string): string {
  const name = typed.trim().toLowerCase();
  if (name.length > limits.headerNameCharacters) {
    throw refuse(`A header name has at most ${limits.headerNameCharacters} characters.`);
  }
  if (!TOKEN.test(name)) throw refuse('A header name has letters, digits and hyphens only. Check it.');
  if (RESERVED.has(name) || RESERVED_FAMILIES.test(name)) {
    throw refuse(`The header ${name} is set by Gangway itself. Leave it out.`);
  }
  if (userHeaderNames.has(name)) {
    throw refuse(`The header ${name} comes from the selected user. Enter the user there instead.`);
  }
  return name;
}

/** True for a header that signs in, such as `authorization`. */
export function isSignInHeader(name: string): boolean {
  return SIGN_IN.has(name);
}

/** True for a header whose value must not lie in a settings file. */
export function isAlwaysSecret(name: string): boolean {
  return ALWAYS_SECRET.has(name);
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
