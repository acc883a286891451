import type { TokenEndpointResponse } from 'oauth4webapi';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import { oneLine } from '../base/text.ts';
import { type Answered, isJson, jsonObject, type Step, troubleOf } from './classify.ts';
import type { TokenAnswer } from './tokens.ts';
import { OAuthTrouble } from './trouble.ts';

/** A token answer with nothing in it that oauth4webapi or a request header could stumble over. */
export interface CleanedAnswer {
  /** Members of RFC 6749 section 5.1 and no others, each of its right type. */
  readonly body: Readonly<Record<string, string | number>>;
  readonly claims: TokenAnswer['claims'];
  readonly notes: readonly string[];
}

/** Printable ASCII without the blank: what a bearer token may hold in a header, and more than RFC 6750 asks for. */
const TOKEN = /^[\x21-\x7e]+$/;
const SCOPE = /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/;

/**
 * Checks a token endpoint's answer before oauth4webapi reads it (RFC 6749 section 5.1). Oddities that do no harm are
 * cleaned and noted.
 *
 * @throws OAuthTrouble `unsafe` for tokens that cannot be used safely, otherwise as `classify` says.
 */
export function cleanTokenAnswer(answer: Answered, step: Step, host: string): CleanedAnswer {
  const said = answer.status === 200 && isJson(answer.headers) ? jsonObject(answer.body) : undefined;
  if (!said || said.error) throw troubleOf(answer, step, host);
  const notes: string[] = [];
  const accessToken = checkedToken(said.access_token, 'access token', host);
  if (typeof said.token_type !== 'string' || !/^bearer$/i.test(said.token_type)) {
    throw unusable('a token of a kind other than "Bearer"', host);
  }
  const refreshToken = refreshTokenOf(said, notes, host);
  const expiresInS = lifeOf(said.expires_in, notes);
  const scope = scopeOf(said.scope, notes);
  return {
    body: {
      access_token: accessToken,
      token_type: 'Bearer',
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(expiresInS === undefined ? {} : { expires_in: expiresInS }),
      ...(scope === undefined ? {} : { scope }),
    },
    claims: claimsOf(said.id_token, accessToken),
    notes,
  };
}

/**
 * Reads a token endpoint's answer.
 *
 * @param read oauth4webapi's own reading, which has the last word
 * @throws OAuthTrouble as `cleanTokenAnswer`
 */
export async function readTokenAnswer(
  answer: Answered,
  step: Step,
  host: string,
  read: (cleaned: Response) => Promise<TokenEndpointResponse>,
): Promise<TokenAnswer> {
  const { body, claims, notes } = cleanTokenAnswer(answer, step, host);
  const tokens = await read(Response.json(body)).catch(() => {
    // No cause: the library's errors hold the whole answer.
    throw unusable('an answer that breaks the rules of OAuth', host);
  });
  return {
    accessToken: new Secret(tokens.access_token),
    refreshToken: tokens.refresh_token === undefined ? undefined : new Secret(tokens.refresh_token),
    expiresInS: tokens.expires_in,
    scope: tokens.scope,
    claims,
    notes,
  };
}

function checkedToken(token: unknown, what: string, host: string): string {
  if (typeof token !== 'string' || token === '') throw unusable(`no ${what}`, host);
  if (token.length > limits.accessTokenBytes) throw unusable(`no usable ${what} (too long)`, host);
  if (!TOKEN.test(token)) throw unusable(`no usable ${what} (characters that cannot be sent)`, host);
  return token;
}

function refreshTokenOf(said: Record<string, unknown>, notes: string[], host: string): string | undefined {
  const token = said.refresh_token;
  if (token === undefined) return undefined;
  if (typeof token === 'string' && token !== '') return checkedToken(token, 'refresh token', host);
  notes.push('The server sent an empty or malformed refresh token; it counts as none.');
  return undefined;
}

/** `expires_in` in whole seconds; a server that is not understood counts as one that did not say. */
function lifeOf(said: unknown, notes: string[]): number | undefined {
  if (said === undefined) return undefined;
  const seconds = typeof said === 'string' && /^\d+(?:\.\d+)?$/.test(said) ? Number(said) : said;
  if (typeof seconds !== 'number' || !(seconds >= 0)) {
    notes.push('The server did not say in a way Gangway understands how long the access token lasts.');
    return undefined;
  }
  const most = limits.tokenLifeMs / 1000;
  if (seconds > most) notes.push('The access token would last more than 30 days; it is renewed after 30.');
  return Math.min(Math.floor(seconds), most);
}

function scopeOf(said: unknown, notes: string[]): string | undefined {
  if (said === undefined) return undefined;
  if (typeof said === 'string' && said.length <= limits.scopeCharacters && SCOPE.test(said)) return said;
  notes.push('The server sent a scope that is not a list of names; it counts as not sent.');
  return undefined;
}

/**
 * Who signed in, by the id token or else by an access token that happens to be a JWT. Neither is verified, nor are
 * issuer and audience looked at: the answer came straight from the server, and nothing is allowed because of it.
 */
function claimsOf(idToken: unknown, accessToken: string): TokenAnswer['claims'] {
  const claims = payloadOf(idToken) ?? payloadOf(accessToken) ?? {};
  const subject = claims.sub;
  const names = [claims.email, claims.preferred_username, claims.name];
  return {
    subject: typeof subject === 'string' || typeof subject === 'number' ? shown(`${subject}`) : undefined,
    name: names.map((name) => (typeof name === 'string' ? shown(name) : undefined)).find(Boolean),
  };
}

/** The claims of a signed JWT (RFC 7519 section 3), unverified. */
function payloadOf(token: unknown): Record<string, unknown> | undefined {
  const parts = typeof token === 'string' ? token.split('.') : [];
  if (parts.length !== 3) return undefined;
  return jsonObject(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
}

function shown(text: string): string | undefined {
  return oneLine(text, limits.claimCharacters) || undefined;
}

function unusable(what: string, host: string): OAuthTrouble {
  const message = `${host} sent ${what}. Gangway cannot use this sign-in; tell the people who run the server.`;
  return new OAuthTrouble('unsafe', message, { host, status: 200 });
}
