import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import {
  type AuthorizationServerOptions,
  configuration,
  INTERACTION,
  prefixAccessTokens,
  ROUTES,
} from './authorization-server-setup.ts';
import { type Consent, ConsentPages } from './consent-pages.ts';
import { GrantStore } from './grant-store.ts';
import { OAuthLog, type OAuthRequest } from './oauth-log.ts';

/** What an access token stands for. */
export interface Granted {
  /** Who signed in: their e-mail address, the `sub` of the server. */
  readonly subject: string;
  /** Id of what they chose. */
  readonly choice: string | undefined;
  readonly scopes: readonly string[];
  readonly clientId: string;
}

/** Tells grants apart for the switches below. Everything when absent. */
export type GrantFilter = { readonly choice?: string; readonly subject?: string };

/** A real authorization server: `oidc-provider` with sample pages, and switches for what can go wrong. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly requests: OAuthLog;
  /** True when a path is one of its own; it can live on the origin of a workspace. */
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Adds a protected resource (RFC 8707). Identifiers are compared as strings. */
  protect(resource: string): void;
  /** What a token grants at a resource right now; undefined when it is unknown, expired, or for another resource. */
  granted(accessToken: string, resource: string): Granted | undefined;
  /** Lifetime of the access tokens from now on. */
  setAccessTokenSeconds(seconds: number): void;
  /** Access tokens stop working; refresh tokens go on. */
  expireAccessTokens(of?: GrantFilter): void;
  /** Access and refresh tokens stop working, as when the person takes the access away at the workspace. */
  revokeGrants(of?: GrantFilter): void;
  /**
   * The next token requests come to nothing: a status is answered before anything was done, `cut` breaks the
   * connection after the request was carried out.
   */
  failTokens(how: 'cut' | number, times?: number): void;
  /** The next token request is carried out at once; its answer waits until it is let go. */
  holdToken(): HeldAnswer;
}

/** An answer that waits. */
export interface HeldAnswer {
  /** Resolves when the request was carried out. */
  readonly arrived: Promise<void>;
  release(): void;
}

const OWN =
  /^\/(authorize|token|register|revoke|jwks|userinfo|interaction|\.well-known\/(oauth-authorization-server|openid-configuration))(\/|$)/;

/** Makes the server; whoever listens at its issuer passes requests on to `handle`. */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const requests = new OAuthLog();
  const store = new GrantStore({
    kind: options.tokenPrefix?.startsWith('aly_') ? 'aly' : 'bearer',
    graceful: options.graceful ?? false,
  });
  const resources = new Set<string>();
  const grants = new Map<string, Consent>();
  const faults: ('cut' | number)[] = [];
  const holds: { carriedOut: () => void; released: Promise<void> }[] = [];
  let accessTokenSeconds = options.accessTokenSeconds ?? 3600;

  const provider = new Provider(
    options.issuer,
    configuration(options, store, resources, () => accessTokenSeconds),
  );
  prefixAccessTokens(provider, options.tokenPrefix ?? '');
  const pages = new ConsentPages({
    provider,
    name: options.name,
    choices: options.choices,
    ...(options.people === undefined ? {} : { people: options.people }),
    onGrant: (grantId, consent) => grants.set(grantId, consent),
  });

  provider.use(async (ctx: KoaContextWithOIDC, next) => {
    const kind = kindOf(ctx.method, ctx.path);
    if (kind === 'authorization' && ctx.query.scope === undefined) {
      ctx.query = { ...ctx.query, scope: options.defaultScopes.join(' ') };
    }
    const fault = kind === 'token' ? faults.shift() : undefined;
    let unread: URLSearchParams | undefined;
    if (typeof fault === 'number') {
      unread = new URLSearchParams(await textOf(ctx.req));
      ctx.status = fault;
      ctx.body = { error: fault === 503 ? 'temporarily_unavailable' : 'server_error' };
    } else await next();
    const hold = kind === 'token' ? holds.shift() : undefined;
    hold?.carriedOut();
    await hold?.released;
    if (fault === 'cut') {
      ctx.respond = false;
      ctx.res.destroy();
    }
    if (kind !== undefined) requests.add(entryOf(kind, ctx, { unread, cut: fault === 'cut' }));
  });
  const answer = provider.callback();

  const grantsLike = ({ choice, subject }: GrantFilter): string[] =>
    [...grants]
      .filter(([, one]) => choice === undefined || choice === one.choice)
      .filter(([, one]) => subject === undefined || subject === one.subject)
      .map(([grantId]) => grantId);

  return {
    issuer: options.issuer,
    requests,
    owns: (path) => OWN.test(path),
    async handle(request, response) {
      if (request.url?.startsWith(INTERACTION)) await pages.handle(request, response);
      else await answer(request, response);
    },
    protect: (resource) => void resources.add(resource),
    granted(accessToken, resource) {
      const token = store.accessTokens.get(accessToken);
      if (token?.grantId === undefined || token.aud !== resource || (token.exp ?? 0) * 1_000 <= Date.now()) {
        return undefined;
      }
      return {
        subject: token.accountId ?? '',
        choice: grants.get(token.grantId)?.choice,
        scopes: token.scope?.split(' ') ?? [],
        clientId: token.clientId ?? '',
      };
    },
    setAccessTokenSeconds(seconds) {
      accessTokenSeconds = seconds;
    },
    expireAccessTokens(of = {}) {
      for (const grantId of grantsLike(of)) store.dropAccessTokens(grantId);
    },
    revokeGrants(of = {}) {
      for (const grantId of grantsLike(of)) store.dropGrant(grantId);
    },
    failTokens(how, times = 1) {
      for (let left = times; left > 0; left -= 1) faults.push(how);
    },
    holdToken() {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      holds.push({ carriedOut: arrived.resolve, released: released.promise });
      return { arrived: arrived.promise, release: released.resolve };
    },
  };
}

function kindOf(method: string, path: string): OAuthRequest['kind'] | undefined {
  if (method === 'DELETE') return 'deletion';
  if (path.startsWith('/.well-known/')) return 'metadata';
  const [name] = Object.entries(ROUTES).find(([, route]) => route === path) ?? [];
  return name === 'token' || name === 'registration' || name === 'revocation' || name === 'authorization'
    ? name
    : undefined;
}

function entryOf(
  kind: OAuthRequest['kind'],
  ctx: KoaContextWithOIDC,
  { unread, cut }: { readonly unread: URLSearchParams | undefined; readonly cut: boolean },
): OAuthRequest {
  const params: Readonly<Record<string, unknown>> = unread
    ? Object.fromEntries(unread)
    : (ctx.oidc?.params ?? {});
  const body: unknown = ctx.body;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const answer: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  return {
    kind,
    grantType: text(params.grant_type),
    clientId: text(params.client_id) ?? text(answer.client_id) ?? ctx.oidc?.client?.clientId,
    resource: text(params.resource),
    scope: text(params.scope),
    status: cut ? 0 : ctx.status,
    error: text(answer.error),
  };
}
