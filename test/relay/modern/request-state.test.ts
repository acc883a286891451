import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  identityMark,
  RequestStates,
  type StateBinding,
  withSealedState,
  withState,
} from '#bridge/relay/modern/request-state.ts';
import { readRequest } from './messages.ts';

const HOUR_MS = 60 * 60_000;
const mark = identityMark('somebody');

const binding: StateBinding = {
  caller: 'token 1',
  address: 'current',
  method: 'tools/call',
  params: { name: 'pay', arguments: { amount: 5, to: { name: 'Ann', city: 'Rome' } } },
};

const texts = fc.string({ unit: 'binary', maxLength: 60 });
const bindings: fc.Arbitrary<StateBinding> = fc.record({
  caller: texts,
  address: texts,
  method: texts,
  params: fc
    .dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
    .map((params) => JSON.parse(JSON.stringify(params)) as Record<string, unknown>),
});

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  );
}

describe('a sealed state', () => {
  test('opens to the very state of the workspace and to who asked, for any call', () => {
    const states = new RequestStates();
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\u0000"\\'));
    fc.assert(
      fc.property(any, bindings, (state, bound) => {
        expect(states.open(states.seal(state, mark, bound), bound)).toEqual({ mark, state });
      }),
    );
  });

  test('tells a workspace that gave no state from one that gave an empty one', () => {
    const states = new RequestStates();
    expect(states.open(states.seal(undefined, mark, binding), binding)).toEqual({ mark, state: undefined });
    expect(states.open(states.seal('', mark, binding), binding)).toEqual({ mark, state: '' });
  });

  test('is refused with any one character changed, left out or added', () => {
    const states = new RequestStates();
    const other = fc.oneof(
      fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.='),
      fc.constantFrom('', ' ', 'AA', 'é', '\n'),
    );
    fc.assert(
      fc.property(fc.string(), fc.nat(), other, (state, at, by) => {
        const sealed = states.seal(state, mark, binding);
        const place = at % sealed.length;
        const changed = sealed.slice(0, place) + by + sealed.slice(place + 1);
        fc.pre(changed !== sealed);
        expect(states.open(changed, binding)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
    // The last character of a base64 text has bits that mean nothing.
    const sealed = states.seal('s', mark, binding);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twins = [...alphabet].map((last) => sealed.slice(0, -1) + last).filter((twin) => twin !== sealed);
    expect(twins.filter((twin) => states.open(twin, binding))).toEqual([]);
  });

  test.each([
    ['client', { caller: 'token 2' }],
    ['address', { address: 'acme' }],
    ['method', { method: 'prompts/get' }],
    ['tool', { params: { ...binding.params, name: 'refund' } }],
    [
      'amount',
      { params: { ...binding.params, arguments: { amount: 6, to: { name: 'Ann', city: 'Rome' } } } },
    ],
    ['set of params', { params: { ...binding.params, more: null } }],
  ])('is refused with another %s', (_, change) => {
    const states = new RequestStates();
    expect(states.open(states.seal('s', mark, binding), { ...binding, ...change })).toBeUndefined();
  });

  test('is refused for every other call', () => {
    const states = new RequestStates();
    fc.assert(
      fc.property(bindings, bindings, (one, other) => {
        fc.pre(!isDeepStrictEqual(one, other));
        const sealed = states.seal('s', mark, one);
        expect(states.open(sealed, one)).toBeDefined();
        expect(states.open(sealed, other)).toBeUndefined();
      }),
    );
  });

  test('numbers too large to tell apart from nothing are told apart', () => {
    const states = new RequestStates();
    const params = (text: string): StateBinding => ({
      ...binding,
      params: JSON.parse(`{"n":${text}}`) as Record<string, unknown>,
    });
    const sealed = states.seal('s', mark, params('1e999'));
    expect(states.open(sealed, params('null'))).toBeUndefined();
    expect(states.open(sealed, params('"Infinity"'))).toBeUndefined();
    expect(states.open(states.seal('s', mark, params('1.0')), params('1'))).toBeDefined();
  });

  test('opens whatever the order of keys, and whatever the members of the round itself', () => {
    const states = new RequestStates();
    fc.assert(
      fc.property(bindings, fc.jsonValue(), (bound, round) => {
        const params = {
          inputResponses: round,
          ...(reversed(bound.params) as Record<string, unknown>),
          requestState: 'x',
          _meta: round,
        };
        expect(states.open(states.seal('s', mark, bound), { ...bound, params })).toBeDefined();
      }),
    );
  });

  test('opens for an hour and not longer', () => {
    let now = 5;
    const states = new RequestStates(() => now);
    const sealed = states.seal('s', mark, binding);
    now += HOUR_MS - 1;
    expect(states.open(sealed, binding)).toBeDefined();
    now += 1;
    expect(states.open(sealed, binding)).toBeUndefined();
  });

  test('of another process does not open', () => {
    const sealed = new RequestStates().seal('s', mark, binding);
    expect(new RequestStates().open(sealed, binding)).toBeUndefined();
  });

  test('does not show what is in it', () => {
    const sealed = new RequestStates().seal('the state of the workspace', mark, binding);
    const texts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(texts.join()).not.toContain('state of');
    expect(texts.join()).not.toContain(mark);
  });

  test('may hold a large state', () => {
    const states = new RequestStates();
    const state = 'é'.repeat(300_000);
    expect(states.open(states.seal(state, mark, binding), binding)?.state).toBe(state);
  });

  test('is all that opens: no other value does, and none is a fault', () => {
    const states = new RequestStates();
    const odd = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.string().map((text) => `g1.${text}`),
      fc.tuple(fc.base64String(), fc.base64String()).map(([body, tag]) => `g1.${body}.${tag}`),
    );
    fc.assert(
      fc.property(odd, (value) => {
        expect(states.open(value, binding)).toBeUndefined();
      }),
    );
  });
});

test('the mark of an identity is short and does not show it', () => {
  const identity = JSON.stringify(['acc_1', 0, 'https://a.test', { user: 'ann@a.test' }]);
  expect(identityMark(identity)).toMatch(/^[0-9a-f]{16}$/);
  expect(identityMark(identity)).toBe(identityMark(identity));
  expect(identityMark(`${identity} `)).not.toBe(identityMark(identity));
});

describe('the state inside messages', () => {
  const head = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":';

  test('replaces the one of an answer, or is added; every other character stays', () => {
    const answer =
      '{"id":1,"result": { "requestState" : "\\u0061" ,"inputRequests":{"a":{"n":1E999}} },"jsonrpc":"2.0"}';
    expect(withSealedState(answer, 'g1.x')).toBe(answer.replace('"\\u0061"', '"g1.x"'));
    expect(withSealedState('{"id":1,"result":{"inputRequests":{} }}', 'g1.x')).toBe(
      '{"id":1,"result":{"inputRequests":{},"requestState":"g1.x" }}',
    );
    expect(withSealedState('{"id":1,"result":{ }}', 'g1.x')).toBe(
      '{"id":1,"result":{"requestState":"g1.x" }}',
    );
    expect(withSealedState('{"id":1,"error":{}}', 'g1.x')).toBe('{"id":1,"error":{}}');
  });

  test('goes up as the workspace gave it; every other byte stays', () => {
    const params = '{ "name":"a" , "requestState" : "g1.x" , "arguments":{"n":9007199254740993} }}';
    const up = withState(readRequest(head + params), 'é"\n');
    expect(up.text).toBe(head + params.replace('"g1.x"', '"é\\"\\n"'));
    expect(Buffer.from(up.bytes).toString()).toBe(up.text);
    expect(up.params.requestState).toBe('é"\n');
    expect(up).toEqual(readRequest(up.text));
  });

  test.each([
    ['{"requestState":"x", "name" : 1 }}', '{ "name" : 1 }}'],
    ['{"name":1 ,"requestState":"x" , "b":2}}', '{"name":1, "b":2}}'],
    ['{"name":1 ,"requestState":"x" }}', '{"name":1 }}'],
    ['{"requestState":"x"}}', '{}}'],
    ['{"name":1, "requestStates":"x"}}', '{"name":1, "requestStates":"x"}}'],
  ])('does not go up where the workspace gave none: %s', (before, after) => {
    const up = withState(readRequest(head + before), undefined);
    expect(up.text).toBe(head + after);
    expect(up).toEqual(readRequest(up.text));
  });
});
