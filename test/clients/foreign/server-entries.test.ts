import { describe, expect, test } from 'vitest';
import {
  canonical,
  digestOf,
  digestsIn,
  likenessOf,
  serversIn,
} from '#bridge/clients/foreign/server-entries.ts';
import type { ConfigTable } from '#bridge/clients/formats/format.ts';
import { adoptSecret } from '../../canary/canary.ts';

const token = `gw_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;
adoptSecret('local', token);
const ours = { url: 'http://127.0.0.1:1/mcp', headers: { Authorization: `Bearer ${token}` }, args: [] };

describe('an entry is', () => {
  test.each<[string, ConfigTable]>([
    ['same', ours],
    ['same', { args: [], headers: ours.headers, url: ours.url }],
    ['same', { url: ours.url, headers: ours.headers }],
    ['same', { ...ours, timeout: 60, autoApprove: ['a'], disabled: false, enabled: true }],
    ['off', { ...ours, disabled: true }],
    ['off', { ...ours, enabled: false }],
    ['changed', { ...ours, headers: {} }],
    ['changed', { ...ours, args: ['x'] }],
    ['changed', { ...ours, url: 'http://127.0.0.1:2/mcp' }],
    ['foreign', { url: 'http://127.0.0.1:2/mcp', headers: {} }],
    ['foreign', { command: 'x' }],
  ])('%s: %j', (likeness, entry) => {
    expect(likenessOf(canonical(ours), ours.url, canonical(entry))).toBe(likeness);
  });

  test('foreign when it is no entry at all', () => {
    expect(likenessOf(canonical(ours), ours.url, '"text"')).toBe('foreign');
  });
});

test('one meaning has one text, in which a token is its digest', () => {
  const text = canonical({ b: [{ d: 1, c: null }], a: `Bearer ${token}` });
  expect(text).toBe(`{"a":"Bearer sha256:${digestOf(token)}","b":[{"c":null,"d":1}]}`);
  expect(digestsIn(text)).toEqual([digestOf(token)]);
});

test('servers are found by name in tables and in lists', () => {
  const table = { x: { servers: { a: { command: 'a' } } } };
  expect([...serversIn(table, { path: ['x', 'servers'] })]).toEqual([['a', { command: 'a' }]]);
  expect([...serversIn(table, { path: ['y', 'servers'] })]).toEqual([]);
  const list = { servers: [{ name: 'a', url: 'b' }, { url: 'nameless' }, 'odd'] };
  expect([...serversIn(list, { path: ['servers'], nameField: 'name' }).keys()]).toEqual(['a']);
  // A name that every object has is not the file's.
  expect([...serversIn({}, { path: ['constructor'] })]).toEqual([]);
});

test.each([
  [{ x: 1 }, { path: ['x', 'servers'] }, 'x'],
  [{ servers: [] }, { path: ['servers'] }, 'servers'],
  [{ servers: {} }, { path: ['servers'], nameField: 'name' }, 'servers'],
])('a list that is none is named: %j', (content, list, where) => {
  expect(() => serversIn(content, list)).toThrow(expect.objectContaining({ where }));
});
