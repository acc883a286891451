import { type Client, type ClientAuth, ClientSecretPost, None } from 'oauth4webapi';
import type { OAuthClient } from './client.ts';
import { OAuthTrouble } from './trouble.ts';

/** The client as oauth4webapi knows it. */
export function clientOf(client: OAuthClient): Client {
  return { client_id: client.id };
}

/**
 * How the client proves itself at the token and revocation endpoints (RFC 6749 section 2.3.1, RFC 7009 section 2.1).
 *
 * @throws OAuthTrouble `client-lost` when the secret it needs is missing; nothing was sent then.
 */
export function authenticationOf(client: OAuthClient, host: string): ClientAuth {
  if (client.authentication === 'none') return None();
  const secret = client.secret?.reveal();
  if (!secret) {
    const message = `The client secret for ${host} is missing. Enter it again, then sign in.`;
    throw new OAuthTrouble('client-lost', message, { host });
  }
  return client.authentication === 'client_secret_basic' ? basic(secret) : ClientSecretPost(secret);
}

/**
 * Basic with id and secret in the form encoding that RFC 6749 section 2.3.1 names. The library's own escapes `-` and `_`
 * too, which servers that compare without decoding do not recognise.
 */
function basic(secret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const pair = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
