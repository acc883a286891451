import * as z from 'zod';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import { faultOfAddress, hostIn, isSameOrigin } from './address.ts';
import { redirectUriAt } from './callback.ts';
import type { ClientAuthentication, OAuthClient } from './client.ts';
import type { AuthorizationServer } from './discovery.ts';
import type { Bounds } from './http.ts';
import { OAuthTrouble } from './trouble.ts';

/** What registering takes into account of a server. */
export type RegistrationServer = Pick<
  AuthorizationServer,
  'issuer' | 'registrationEndpoint' | 'authentications'
>;

export interface RegistrationRequest {
  readonly server: RegistrationServer;
  /** Loopback ports for servers that compare the port of a redirect address. */
  readonly ports: readonly number[];
  readonly bounds: Bounds;
  /** Shown to people by the server. */
  readonly clientName: string;
  readonly version: string;
}

/** The thing to do when a server does not register programs by itself. */
export const ENTER_ID = 'Enter a client id that its administrator gave you.';

const visible = z
  .string()
  .max(limits.clientIdCharacters)
  .regex(/^[\x21-\x7e]+$/);

/** Client information (RFC 7591 section 3.2.1), as far as it is used. Fields nobody needs may be as odd as they like. */
export const ClientInformation = z.object({
  client_id: visible,
  client_secret: z
    .string()
    .max(limits.clientIdCharacters)
    .regex(/^[\x20-\x7e]*$/)
    .nullish(),
  client_secret_expires_at: z.union([z.number(), z.string()]).nullish(),
  token_endpoint_auth_method: z.string().nullish(),
  redirect_uris: z.array(z.string()).nullish(),
  registration_client_uri: z.unknown().optional(),
  registration_access_token: z.unknown().optional(),
});
export type ClientInformation = z.infer<typeof ClientInformation>;

/**
 * The client a server registered.
 * @throws OAuthTrouble `unsafe` when we could not use it: another redirect address, or a proof we cannot give.
 */
export function registeredClient(
  { server, ports, bounds }: RegistrationRequest,
  information: ClientInformation,
): OAuthClient {
  const authentication = agreed(server, information);
  const secret = authentication === 'none' ? undefined : information.client_secret;
  return {
    kind: 'registered',
    issuer: server.issuer,
    id: information.client_id,
    secret: secret ? new Secret(secret) : undefined,
    authentication,
    ports: registeredPorts(server, ports, information.redirect_uris),
    secretExpiresAt: secret ? expiryOf(information.client_secret_expires_at) : undefined,
    registration: registrationOf(server, bounds, information),
  };
}

/** The ports the server registered. It may have changed what was asked for, but without our address it is of no use. */
function registeredPorts(
  server: RegistrationServer,
  ports: readonly number[],
  redirectUris: readonly string[] | null | undefined,
): readonly number[] {
  if (!redirectUris) return ports;
  const kept = ports.filter((port) => redirectUris.includes(redirectUriAt(port)));
  if (kept.length > 0 || redirectUris.includes(redirectUriAt(undefined))) return kept;
  throw unsafe(server, 'registered other addresses to come back to than those asked for');
}

/** How the client proves itself in the end: as the server answered, else as was asked. */
function agreed(server: RegistrationServer, information: ClientInformation): ClientAuthentication {
  const { client_secret: secret, token_endpoint_auth_method: answered } = information;
  const asked = wantedAuthentication(server);
  const authentication = methodOf(
    answered ?? (secret && asked === 'none' ? authenticationBySecret(server) : asked),
  );
  if (!authentication) throw unsafe(server, 'wants a proof of identity that Gangway cannot give');
  if (authentication !== 'none' && !secret)
    throw unsafe(server, 'registered a client with a secret, but gave none');
  return authentication;
}

/** A public client where the server allows it or does not say: a secret on a desktop keeps nothing (RFC 8252 section 8.5). */
export function wantedAuthentication(server: RegistrationServer): ClientAuthentication {
  const listed = server.authentications;
  return listed.length === 0 || listed.includes('none') ? 'none' : authenticationBySecret(server);
}

/** `client_secret_basic` is meant where a server lists nothing (RFC 8414 section 2). */
export function authenticationBySecret(server: RegistrationServer): ClientAuthentication {
  const listed = server.authentications;
  if (listed.length === 0 || listed.includes('client_secret_basic')) return 'client_secret_basic';
  if (listed.includes('client_secret_post')) return 'client_secret_post';
  if (listed.includes('none')) return 'none';
  throw unsafe(server, 'wants a proof of identity that Gangway cannot give');
}

function methodOf(name: string): ClientAuthentication | undefined {
  return (['none', 'client_secret_basic', 'client_secret_post'] as const).find((method) => method === name);
}

/** Seconds since 1970 as a number or, wrongly, as a text; 0 and what is no such number mean never. */
function expiryOf(seconds: number | string | null | undefined): number | undefined {
  const ms = Number(seconds ?? 0) * 1000;
  return Math.abs(ms) <= Number.MAX_SAFE_INTEGER && ms !== 0 ? ms : undefined;
}

/** The secret is of no use any more. `now`: milliseconds since 1970. */
export function isOver({ secretExpiresAt }: OAuthClient, now: number): boolean {
  return secretExpiresAt !== undefined && secretExpiresAt <= now;
}

/** Kept only at the origin that registered the client: its token goes nowhere else. */
function registrationOf(
  server: RegistrationServer,
  bounds: Bounds,
  { registration_client_uri: address, registration_access_token: token }: ClientInformation,
): OAuthClient['registration'] {
  // Without it, the client is only not deleted there one day.
  if (typeof address !== 'string' || faultOfAddress(address, bounds) !== undefined) return undefined;
  if (!isSameOrigin(address, server.registrationEndpoint ?? '')) return undefined;
  const checked = visible.safeParse(token);
  return checked.success ? { uri: address, token: new Secret(checked.data) } : undefined;
}

/** The server registered something of no use. `reason` follows its name. */
export function unsafe(server: RegistrationServer, reason: string): OAuthTrouble {
  const host = hostOf(server);
  return new OAuthTrouble('unsafe', `${host} ${reason}. ${ENTER_ID}`, { host });
}

/** Host of the registration endpoint, for people. */
export function hostOf(server: RegistrationServer): string {
  return hostIn(server.registrationEndpoint ?? server.issuer);
}
