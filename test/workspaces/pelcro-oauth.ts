import { bearerOf } from './arrival.ts';
import { type AuthorizationServer, createAuthorizationServer } from './authorization-server.ts';
import type { AuthorizationServerTuning } from './authorization-server-setup.ts';
import { listen } from './listen.ts';
import { type PelcroOptions, type PelcroWorkspace, startPelcro } from './pelcro.ts';
import type { PelcroAccess, PelcroAccount } from './pelcro-access.ts';

export interface PelcroOAuthOptions extends AuthorizationServerTuning {
  /** The accounts of the consent page. A token is good for exactly the one that was chosen there. */
  readonly accounts: readonly PelcroAccount[];
  /**
   * The identifier of a workspace at the root path: its origin (`bare`, when absent, the canonical form of MCP
   * authorization 2025-11-25), or its origin with a slash. A client that writes it the other way is refused.
   */
  readonly resource?: 'bare' | 'slash';
  /** Of the authorization server; any free one when absent. */
  readonly port?: number;
}

/** The authorization server of Pelcro, on an origin of its own, and the access it gives. */
export interface PelcroOAuth extends AuthorizationServer, AsyncDisposable {
  readonly origin: string;
  /** For `startPelcro`. */
  readonly access: PelcroAccess;
  /** The identifier of a workspace at this origin. */
  resourceAt(origin: string): string;
}

const METADATA = '/.well-known/oauth-protected-resource';

/**
 * Starts the authorization server. Afterwards `protect` has to name the workspace, whose port is not known yet;
 * `startPelcroWithOAuth` does both.
 */
export async function startPelcroOAuth(options: PelcroOAuthOptions): Promise<PelcroOAuth> {
  const listening = await listen((request, response) => server.handle(request, response), options.port);
  const resourceAt = (origin: string) => (options.resource === 'slash' ? `${origin}/` : origin);
  const server = createAuthorizationServer({
    ...options,
    issuer: listening.origin,
    name: 'Pelcro',
    choices: options.accounts,
    // Pelcro grants all or nothing and names no scopes; the protocol wants one nevertheless.
    scopes: ['account'],
    defaultScopes: ['account'],
  });
  return {
    ...server,
    origin: listening.origin,
    resourceAt,
    access: {
      accountOf(arrival, origin) {
        const granted = server.granted(bearerOf(arrival) ?? '', resourceAt(origin));
        return options.accounts.find(({ id }) => id === granted?.choice);
      },
      challenge: (origin) => `Bearer resource_metadata="${origin}${METADATA}"`,
      // RFC 9728 section 3.
      documents: (origin) => ({
        [METADATA]: {
          resource: resourceAt(origin),
          resource_name: 'Pelcro',
          authorization_servers: [listening.origin],
          bearer_methods_supported: ['header'],
        },
      }),
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

/** A Pelcro that is signed in to in the browser. */
export interface PelcroWithOAuth extends AsyncDisposable {
  readonly pelcro: PelcroWorkspace;
  readonly oauth: PelcroOAuth;
}

/** Starts a workspace and its authorization server. `port` is the workspace's, `oauthPort` that of the server. */
export async function startPelcroWithOAuth(
  options: PelcroOAuthOptions & Omit<PelcroOptions, 'access'> & { readonly oauthPort?: number },
): Promise<PelcroWithOAuth> {
  await using starting = new AsyncDisposableStack();
  const oauth = starting.use(await startPelcroOAuth({ ...options, port: options.oauthPort ?? 0 }));
  const pelcro = starting.use(await startPelcro({ ...options, access: oauth.access }));
  oauth.protect(oauth.resourceAt(pelcro.origin));
  const running = starting.move();
  return { pelcro, oauth, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
