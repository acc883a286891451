import { describe, expect, test } from 'vitest';
import { recognise, type TypedPlace, vendorAt } from '#bridge/connectors/recognise.ts';

const read = (typed: Partial<TypedPlace>) => recognise({ ownNetwork: false, ...typed });

test.each([
  [{ url: 'mcp.pelcro.com' }, 'pelcro', 'https://mcp.pelcro.com/'],
  [{ url: 'https://mcp-staging.pelcro.com/' }, 'pelcro', 'https://mcp-staging.pelcro.com/'],
  [{ connector: 'custom', url: 'https://MCP.pelcro.com./' }, 'pelcro', 'https://mcp.pelcro.com/'],
  [{ url: 'aly.store' }, 'aly', 'https://aly.store/api/mcp'],
  [
    { url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
    'allv',
    'https://agent.allv.ai/api/workspaces/ws_1/mcp',
  ],
  [{ url: 'agent.allv.ai', workspace: 'ws_1' }, 'allv', 'https://agent.allv.ai/api/workspaces/ws_1/mcp'],
  [
    { workspace: 'https://agent.allv.ai/api/workspaces/ws_1/mcp' },
    'allv',
    'https://agent.allv.ai/api/workspaces/ws_1/mcp',
  ],
  [{ connector: 'allv', workspace: 'ws_1' }, 'allv', 'https://agent.allv.ai/api/workspaces/ws_1/mcp'],
  [{ connector: 'pelcro' }, 'pelcro', 'https://mcp.pelcro.com/'],
  [{ connector: 'pelcro', environment: 'staging' }, 'pelcro', 'https://mcp-staging.pelcro.com/'],
  [{ connector: 'allegro', url: 'acme.example.com' }, 'allegro', 'https://acme.example.com/mcp'],
  // A kind that was chosen stays, wherever the address leads.
  [{ connector: 'allegro', url: 'https://mcp.pelcro.com/mcp' }, 'allegro', 'https://mcp.pelcro.com/mcp'],
  // The shape of a path alone says nothing.
  [
    { url: 'https://acme.example.com/api/workspaces/ws_1/mcp' },
    'custom',
    'https://acme.example.com/api/workspaces/ws_1/mcp',
  ],
] as [Partial<TypedPlace>, string, string][])('%j is %s at %s', (typed, connector, url) => {
  expect(read(typed)).toMatchObject({ kind: 'usable', connector: { id: connector }, endpoint: { url } });
});

describe('HV-26a a host that only looks like a vendor is nobody', () => {
  test.each([
    'https://mcp.pelcro.com.evil.example/',
    'https://mcp.pelcro.com@evil.example/',
    'https://mcp.pelcro.com:444/',
    'http://mcp.pelcro.com/',
    'https://evil.example/#mcp.pelcro.com',
    'https://evil.example\\.mcp.pelcro.com/',
    'https://mcp.pelcro.com%40evil.example/',
    'https://xn--mcp-pelcro.com/',
    'https://evil.example/mcp.pelcro.com',
    '',
    undefined,
  ])('%j', (address) => {
    expect(vendorAt(address)).toBeUndefined();
  });
});

describe('an address that an account would need the word of a person for', () => {
  test.each([
    '10.0.0.1/mcp',
    'http://192.168.1.4:8080/mcp',
    'https://nas.local/mcp',
    'buildbox',
    'https://[fd00::1]/mcp',
  ])('%s is private, and known all the same', (url) => {
    const place = read({ url });
    expect(place).toMatchObject({ kind: 'private', because: expect.stringContaining('private network') });
    const confirmed = read({ url, ownNetwork: true });
    expect(confirmed.kind).toBe('usable');
    if (place.kind !== 'private' || confirmed.kind !== 'usable') throw new Error('It has no endpoint.');
    expect(place.endpoint.url).toBe(confirmed.endpoint.url);
  });

  test.each([
    ['localhost:9000/mcp', 'usable'],
    ['http://127.0.0.1:9000/mcp', 'usable'],
    ['http://acme.example.com/mcp', 'refused'],
    ['https://224.0.0.1/mcp', 'refused'],
  ])('%s is not: %s', (url, kind) => {
    expect(read({ url }).kind).toBe(kind);
  });
});

test('an environment that is not the one of a known address is refused', () => {
  expect(read({ url: 'mcp.pelcro.com', environment: 'staging' })).toMatchObject({
    kind: 'refused',
    connector: { id: 'pelcro' },
    because: expect.stringContaining('production address'),
  });
});
