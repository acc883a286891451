import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  acceptance,
  ClientHandshake,
  type ClientStep,
  type Introduction,
  rejection,
  ServerHandshake,
} from '#bridge/socket/handshake.ts';

const key = createSecretKey(randomBytes(32));
const who: Introduction = { role: 'mcp', client: 'Claude', address: 'current' };
const anyNonce = (): boolean => true;

const server = (withKey = key): ServerHandshake => new ServerHandshake(withKey, anyNonce);
const said = (step: { kind: string; line?: string }): string => {
  expect(step.kind).toBe('say');
  return step.line ?? '';
};
const changed = (line: string, change: object): string => JSON.stringify({ ...JSON.parse(line), ...change });

test('two ends with the same key let each other in', () => {
  const client = new ClientHandshake(key, who);
  const owner = server();
  const proof = said(client.take(said(owner.take(client.hello()))));
  expect(owner.take(proof)).toEqual({ kind: 'proved', who });
  expect(client.take(acceptance())).toEqual({ kind: 'accepted' });
});

test('ST-06 a hello made with another key gets no line', () => {
  const stranger = new ClientHandshake(createSecretKey(randomBytes(32)), who);
  expect(server().take(stranger.hello())).toEqual({ kind: 'refused' });
});

test.each([
  ['garbage', 'hello?'],
  ['an array', '[]'],
  ['null', 'null'],
  ['a number', '7'],
  ['nothing', ''],
  ['an empty object', '{}'],
])('ST-06 %s gets no line', (_, line) => {
  expect(server().take(line)).toEqual({ kind: 'refused' });
});

test.each([
  ['another role', { role: 'control' }],
  ['an unknown role', { role: 'owner' }],
  ['another client', { client: 'Cursor' }],
  ['another address', { address: 'acme-billing' }],
  ['another nonce', { nonce: 'ab'.repeat(32) }],
  ['a short nonce', { nonce: 'ab' }],
  ['no proof', { mac: undefined }],
  ['a proof of other length', { mac: 'ab' }],
  ['a proof that is no text', { mac: 5 }],
  ['another version', { v: 2 }],
  ['a fraction as version', { v: 1.5 }],
  ['a name of 201 characters', { client: 'x'.repeat(201) }],
])('ST-08c a hello changed to %s gets no line', (_, change) => {
  const hello = new ClientHandshake(key, who).hello();
  expect(server().take(changed(hello, change))).toEqual({ kind: 'refused' });
});

test('fields cannot be shifted into each other', () => {
  const hello = new ClientHandshake(key, { role: 'mcp', client: 'ab', address: 'c' }).hello();
  expect(server().take(changed(hello, { client: 'a', address: 'bc' }))).toEqual({ kind: 'refused' });
});

test('ST-06 a hello said again is answered once only', () => {
  const seen = new Set<string>();
  const isFresh = (nonce: string): boolean => !seen.has(nonce) && seen.add(nonce).has(nonce);
  const hello = new ClientHandshake(key, who).hello();
  expect(new ServerHandshake(key, isFresh).take(hello).kind).toBe('say');
  expect(new ServerHandshake(key, isFresh).take(hello)).toEqual({ kind: 'refused' });
});

test('ST-08c a recorded proof is of no use in another conversation', () => {
  const client = new ClientHandshake(key, who);
  const hello = client.hello();
  const recorded = said(client.take(said(server().take(hello))));
  const again = server();
  again.take(hello);
  expect(again.take(recorded)).toEqual({ kind: 'refused' });
});

test("ST-08c the owner's own proof, reflected, does not let anybody in", () => {
  const owner = server();
  const answer = said(owner.take(new ClientHandshake(key, who).hello()));
  expect(owner.take(JSON.stringify({ mac: JSON.parse(answer).mac }))).toEqual({ kind: 'refused' });
});

test('ST-08c a hello reflected to the client proves nothing', () => {
  const client = new ClientHandshake(key, who);
  expect(client.take(client.hello())).toEqual({ kind: 'rejected', because: 'proof' });
});

test("ST-08c one client's proof does not serve another one, even with the owner's help", () => {
  const victim = new ClientHandshake(key, who);
  const thief = new ClientHandshake(key, { ...who, address: 'acme-billing' });
  const owner = server();
  const forThief = said(owner.take(thief.hello()));
  expect(victim.take(forThief)).toEqual({ kind: 'rejected', because: 'proof' });
});

test.each([
  ['a guess', { v: 1, nonce: 'ab'.repeat(32), mac: 'cd'.repeat(32) }],
  ['acceptance before any proof', { ok: true }],
  ['nothing', {}],
])('ST-08 a false owner that answers with %s is refused', (_, answer) => {
  const client = new ClientHandshake(key, who);
  client.hello();
  expect(client.take(JSON.stringify(answer))).toEqual({ kind: 'rejected', because: 'proof' });
});

test('ST-05 an owner of another version says so to who knows the key', () => {
  const step: ClientStep = new ClientHandshake(key, who).take(rejection('version'));
  expect(step).toEqual({ kind: 'rejected', because: 'version' });
});

test('no line of the handshake contains the key', () => {
  const bytes = randomBytes(32);
  const client = new ClientHandshake(createSecretKey(bytes), who);
  const owner = new ServerHandshake(createSecretKey(bytes), anyNonce);
  const lines = [client.hello()];
  lines.push(said(owner.take(lines[0]!)));
  lines.push(said(client.take(lines[1]!)));
  for (const form of ['hex', 'base64', 'base64url'] as const) {
    expect(lines.join('\n')).not.toContain(bytes.toString(form));
  }
});
