import { describe, expect, test } from 'vitest';
import { connectorOf } from '#bridge/connectors/catalog.ts';
import { type Endpoint, endpointOf, type TypedEndpoint } from '#bridge/connectors/endpoint.ts';
import type { ConnectorId } from '#contract/connector.ts';
import { refusal } from './refusal.ts';

function endpoint(connector: ConnectorId, typed: Partial<TypedEndpoint>): Endpoint {
  return endpointOf(connectorOf(connector), {
    url: undefined,
    workspace: undefined,
    environment: undefined,
    ownNetwork: false,
    ...typed,
  });
}

const refused = (connector: ConnectorId, typed: Partial<TypedEndpoint>): string =>
  refusal(() => endpoint(connector, typed));

describe('what is typed becomes the MCP endpoint', () => {
  test.each<[ConnectorId, Partial<TypedEndpoint>, string, string]>([
    ['allegro', { url: 'acme.example.com' }, 'https://acme.example.com/mcp', 'production'],
    ['allegro', { url: 'acme.example.com/' }, 'https://acme.example.com/mcp', 'production'],
    ['allegro', { url: 'https://acme.example.com/mcp' }, 'https://acme.example.com/mcp', 'production'],
    ['allegro', { url: 'https://acme.example.com/mcp/' }, 'https://acme.example.com/mcp', 'production'],
    ['allegro', { url: 'http://127.0.0.1:4001' }, 'http://127.0.0.1:4001/mcp', 'development'],
    ['pelcro', {}, 'https://mcp.pelcro.com/', 'production'],
    ['pelcro', { environment: 'staging' }, 'https://mcp-staging.pelcro.com/', 'staging'],
    ['pelcro', { url: 'mcp-staging.pelcro.com' }, 'https://mcp-staging.pelcro.com/', 'staging'],
    ['pelcro', { url: 'http://127.0.0.1:4002', environment: 'staging' }, 'http://127.0.0.1:4002/', 'staging'],
    ['allv', { workspace: 'ws_1-A' }, 'https://agent.allv.ai/api/workspaces/ws_1-A/mcp', 'production'],
    ['allv', { url: 'ws_1' }, 'https://agent.allv.ai/api/workspaces/ws_1/mcp', 'production'],
    [
      'allv',
      { url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
      'https://agent.allv.ai/api/workspaces/ws_1/mcp',
      'production',
    ],
    [
      'allv',
      { workspace: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
      'https://agent.allv.ai/api/workspaces/ws_1/mcp',
      'production',
    ],
    [
      'allv',
      { url: 'http://localhost:4003', workspace: 'ws_1' },
      'http://localhost:4003/api/workspaces/ws_1/mcp',
      'development',
    ],
    ['aly', {}, 'https://aly.store/api/mcp', 'production'],
    ['aly', { url: 'aly.store' }, 'https://aly.store/api/mcp', 'production'],
    ['aly', { url: 'https://aly.store/api/mcp' }, 'https://aly.store/api/mcp', 'production'],
    ['custom', { url: 'https://x.example/a/b?c=d' }, 'https://x.example/a/b?c=d', 'production'],
  ])('%s: %j', (connector, typed, url, environment) => {
    expect(endpoint(connector, typed)).toMatchObject({ url, environment });
  });

  test('the completed address is shown', () => {
    expect(endpoint('allegro', { url: 'acme.example.com' }).notes).toContain(
      'The address is https://acme.example.com/mcp.',
    );
    expect(endpoint('allegro', { url: 'https://acme.example.com/mcp' }).notes).toEqual([]);
  });

  test('an unusual path is kept and mentioned', () => {
    const { url, notes } = endpoint('allegro', { url: 'https://proxy.example.com/acme/mcp' });
    expect(url).toBe('https://proxy.example.com/acme/mcp');
    expect(notes.join()).toContain('usually /mcp');
  });

  test.each<[ConnectorId, Partial<TypedEndpoint>, string]>([
    ['allegro', {}, 'Type the address'],
    ['allegro', { url: 'acme.example.com', workspace: 'ws_1' }, 'no workspace id'],
    ['pelcro', { environment: 'development' }, 'no known address for development'],
    ['pelcro', { url: 'mcp-staging.pelcro.com', environment: 'production' }, 'is the staging address'],
    ['pelcro', { url: 'https://mcp.pelcro.com/?a=b' }, '"?"'],
    ['allv', {}, 'Type the workspace id'],
    ['allv', { url: 'https://agent.allv.ai/somewhere' }, 'ends in /api/workspaces/ID/mcp'],
    [
      'allv',
      { url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp', workspace: 'ws_2' },
      'another workspace',
    ],
    ['custom', {}, 'Type the address'],
  ])('%s refuses %j: %s', (connector, typed, because) => {
    expect(refused(connector, typed)).toContain(because);
  });

  test.each(['../admin', 'a/b', '%2e%2e', '?x', '', ' ', 'a b', 'ws.1', 'x'.repeat(200), 'wš'])(
    'HV-18 the workspace id %j is refused',
    (workspace) => {
      expect(refused('allv', { workspace })).toMatch(/workspace id/i);
    },
  );

  test.each(['..', '%2e%2e', 'a%2fb', 'ws_1/../x', ''])(
    'HV-18 the workspace id %j within a pasted address is refused',
    (id) => {
      expect(refused('allv', { url: `https://agent.allv.ai/api/workspaces/${id}/mcp` })).toMatch(
        /path in the address|ends in|workspace id/,
      );
    },
  );

  test('HV-18 a workspace id has up to 128 characters', () => {
    const workspace = 'x'.repeat(128);
    expect(endpoint('allv', { workspace }).workspace).toBe(workspace);
  });
});
