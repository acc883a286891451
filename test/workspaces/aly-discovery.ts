import { alyTools } from './aly-tools.ts';

/** Every scope of Aly, sorted. */
export const alyScopes: readonly string[] = [...new Set(alyTools.map(({ scope }) => scope))].sort();

/**
 * The documents at well-known addresses, by path. The metadata is at the root only, not under the endpoint's path.
 *
 * @param scopes what the metadata of the resource names as supported.
 */
export function alyDocuments(origin: string, scopes = alyScopes): Readonly<Record<string, unknown>> {
  return {
    // RFC 9728, section 3.
    '/.well-known/oauth-protected-resource': {
      resource: `${origin}/api/mcp`,
      authorization_servers: [origin],
      bearer_methods_supported: ['header'],
      scopes_supported: scopes,
    },
    '/.well-known/protocols': {
      mcp: {
        endpoint: `${origin}/api/mcp`,
        transport: 'streamable-http',
        protocol_version: '2025-11-25',
      },
      oauth: { protected_resource_metadata: `${origin}/.well-known/oauth-protected-resource` },
      ucp: { catalog: `${origin}/.well-known/ucp` },
      a2a: { agent_card: `${origin}/.well-known/agent-card.json` },
      openapi: `${origin}/openapi.json`,
    },
  };
}
