import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Choice, escaped, type Person, pageText } from './consent-pages.ts';
import type { GrantStore } from './grant-store.ts';

/** What tests vary about an authorization server. */
export interface AuthorizationServerTuning {
  /** Everybody with an e-mail address, for everything, when absent. */
  readonly people?: readonly Person[];
  /** Lifetime of an access token; 3600 when absent. */
  readonly accessTokenSeconds?: number;
  /** Lifetime of a refresh token; 30 days when absent. */
  readonly refreshTokenSeconds?: number;
  /** False keeps the refresh token over every refresh; true when absent. */
  readonly rotate?: boolean;
  /** A refresh token stays good until its successor was used; otherwise a second use revokes the whole grant. */
  readonly graceful?: boolean;
  /**
   * Client ID metadata documents by their address, as this server would find them in the public network. The server
   * says that it takes such documents when this is given.
   */
  readonly clientDocuments?: Readonly<Record<string, object>>;
}

export interface AuthorizationServerOptions extends AuthorizationServerTuning {
  /** Its origin. */
  readonly issuer: string;
  /** One word, for its cookies and pages. */
  readonly name: string;
  /** What a person chooses from on the consent page; empty where there is nothing to choose. */
  readonly choices: readonly Choice[];
  /** The scopes of the workspace. */
  readonly scopes: readonly string[];
  /** What a request without `scope` gets (RFC 6749 section 3.3). */
  readonly defaultScopes: readonly string[];
  /** Begins every access token. */
  readonly tokenPrefix?: string;
}

/** Paths of its endpoints. */
export const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  registration: '/register',
  revocation: '/revoke',
  jwks: '/jwks',
  userinfo: '/userinfo',
} as const;
/** Paths of its pages begin so. */
export const INTERACTION = '/interaction/';
const MONTH_SECONDS = 30 * 24 * 3600;

/** Everything is named that oidc-provider would otherwise choose itself and complain about on the console. */
export function configuration(
  options: AuthorizationServerOptions,
  store: GrantStore,
  resources: ReadonlySet<string>,
  accessTokenSeconds: () => number,
): Configuration {
  const { name, clientDocuments, rotate = true } = options;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cookie = `${name}_${new URL(options.issuer).port}`;
  const lifetime = options.refreshTokenSeconds ?? MONTH_SECONDS;
  return {
    adapter: (model) => store.adapter(model),
    clientAuthMethods: ['none'],
    clientDefaults: {
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'none',
    },
    clockTolerance: 0,
    cookies: {
      keys: [randomBytes(16).toString('hex')],
      // Every server on 127.0.0.1 gets the cookies of all of them.
      names: {
        session: `${cookie}_session`,
        interaction: `${cookie}_interaction`,
        resume: `${cookie}_resume`,
      },
    },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    // A later consent for another account must not end the earlier one.
    expiresWithSession: () => false,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      registration: { enabled: true },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, __, oneOf) => {
          if (oneOf === undefined) throw new errors.InvalidTarget('resource is required');
          return oneOf;
        },
        getResourceServerInfo: (ctx, resource) => {
          if (!resources.has(resource)) throw new errors.InvalidTarget('no such resource');
          checkScope(ctx, options.scopes);
          return {
            scope: options.scopes.join(' '),
            audience: resource,
            accessTokenFormat: 'opaque',
            accessTokenTTL: accessTokenSeconds(),
          };
        },
      },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: false },
      ...(clientDocuments === undefined
        ? {}
        : { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } }),
    },
    fetch: async (address) => {
      const found = clientDocuments?.[String(address)];
      return found === undefined ? new Response('', { status: 404 }) : Response.json(found);
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_, { uid }) => `${INTERACTION}${uid}` },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig', alg: 'ES256' }] },
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    pkce: { required: () => true },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      const lines = Object.values(out).map((text) => `<p>${escaped(String(text))}</p>`);
      ctx.body = pageText('This does not work', lines.join('\n'));
    },
    responseTypes: ['code'],
    rotateRefreshToken: () => rotate,
    routes: ROUTES,
    ttl: {
      AccessToken: () => accessTokenSeconds(),
      AuthorizationCode: 60,
      Grant: lifetime,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: lifetime,
      Session: 3600,
    },
  };
}

/** RFC 6749 section 3.3: an unknown scope is refused, not dropped. */
function checkScope(ctx: KoaContextWithOIDC, known: readonly string[]): void {
  const asked = String(ctx.oidc.params?.scope ?? '').split(' ');
  const unknown = asked.find(
    (one) => one !== '' && !known.includes(one) && !['openid', 'offline_access'].includes(one),
  );
  if (unknown !== undefined) throw new errors.InvalidScope('unknown scope', unknown);
}

/** There is no setting for the look of an opaque token. */
export function prefixAccessTokens(provider: Provider, prefix: string): void {
  const { prototype } = provider.AccessToken;
  const generate: unknown = Reflect.get(prototype, 'generateTokenId');
  if (typeof generate !== 'function')
    throw new TypeError('oidc-provider names its tokens in another way now.');
  Reflect.set(prototype, 'generateTokenId', function named(this: unknown) {
    return `${prefix}${String(generate.call(this))}`;
  });
}
