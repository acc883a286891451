import { expect, test } from 'vitest';
import { comeBack, get, NAVIGATION } from './browser.ts';
import { expectAlive, expectStaticPage, ISSUER, waiting } from './waiting.ts';

test('RD-07: the browser is sent on to a page without the code, and told that it can close the tab', async () => {
  const { listener, state, at } = await waiting();
  expect(listener.redirectUri).toBe(`http://127.0.0.1:${listener.port}/callback`);
  const first = await get(at(`code=the-code&state=${state}`), { headers: NAVIGATION });
  expect(first).toMatchObject({ status: 303, body: '' });
  expect(first.headers).toMatchObject({ location: '/done', 'cache-control': 'no-store' });
  expect(first.headers['referrer-policy']).toBe('no-referrer');
  const done = await get(`http://127.0.0.1:${listener.port}/done`, { headers: NAVIGATION });
  expectStaticPage(done, 200);
  expect(done.body).toContain('You can close this tab');
});

test.each([
  ['missing', () => 'code=a'],
  ['wrong', () => 'code=a&state=wrong'],
  ['empty', () => 'code=a&state='],
  ['given twice', (state: string) => `code=a&state=${state}&state=${state}`],
  ['10 KB long', () => `code=a&state=${'x'.repeat(10 * 1024)}`],
  ['20 KB long', () => `code=a&state=${'x'.repeat(20 * 1024)}`],
])('LP-02 a callback whose state is %s gets a static page, and the sign-in goes on', async (_, query) => {
  const one = await waiting();
  expectStaticPage(await get(one.at(query(one.state)), { headers: NAVIGATION }), 400);
  await expectAlive(one);
});

test.each([
  ['code', (state: string) => `code=a&code=b&state=${state}`],
  ['state', (state: string) => `code=a&state=${state}&state=x`],
  ['iss', (state: string) => `code=a&state=${state}&iss=${ISSUER}&iss=${ISSUER}`],
])('LP-03 a callback with two of %s gets a static page, and the sign-in goes on', async (_, query) => {
  const one = await waiting();
  expectStaticPage(await get(one.at(query(one.state)), { headers: NAVIGATION }), 400);
  await expectAlive(one);
});

test('LP-04 the right state without code and error ends the sign-in', async () => {
  const { listener, state } = await waiting();
  const page = await comeBack(listener.redirectUri, { state });
  expectStaticPage(page, 200);
  expect(page.body).toContain('did not work');
  expect(await listener.answer).toEqual({ kind: 'empty' });
});

test('LP-05 access_denied ends the sign-in and says that the person chose so', async () => {
  const { listener, state } = await waiting();
  const page = await comeBack(listener.redirectUri, { state, error: 'access_denied' });
  expectStaticPage(page, 200);
  expect(page.body).toContain('You chose not to allow access');
  expect(await listener.answer).toMatchObject({ kind: 'denied', error: 'access_denied' });
});

test.each([
  ['markup', { error: '<script>alert(1)</script>', error_description: '"><img src=x onerror=alert(1)>' }],
  ['direction marks', { error: '\u202eserver_error', error_description: '\u2066reflected' }],
  ['line breaks', { error: 'server_error', error_description: 'reflected\r\nSet-Cookie: reflected=1' }],
])('LP-06 nothing of an error with %s is in the page or its headers', async (_, said) => {
  const { listener, state, at } = await waiting();
  const first = await get(at(new URLSearchParams({ ...said, state }).toString()), { headers: NAVIGATION });
  expect(first.status).toBe(303);
  const page = await get(new URL(first.headers.location ?? '', listener.redirectUri).href);
  expectStaticPage(page, 200);
  const everything = JSON.stringify([first, page]);
  for (const word of ['alert', 'onerror', 'reflected', 'server_error', 'Set-Cookie', state]) {
    expect(everything).not.toContain(word);
  }
});

test.each([
  ['wrong', false, 'https://evil.example', 'refused'],
  ['missing though advertised', true, undefined, 'refused'],
  ['present though not advertised and equal', false, ISSUER, 'code'],
  ['different by a slash', true, `${ISSUER}/`, 'refused'],
  ['different by case', true, 'https://AS.example', 'refused'],
])('LP-07 an issuer that is %s', async (_, issInResponse, iss, kind) => {
  const { listener, state } = await waiting({}, ISSUER, issInResponse);
  const said = { error_description: 'evil words', ...(kind === 'refused' ? { error: 'evil_error' } : {}) };
  const page = await comeBack(listener.redirectUri, { state, code: 'a', ...said, ...(iss ? { iss } : {}) });
  expectStaticPage(page, 200);
  const answer = await listener.answer;
  expect(answer.kind).toBe(kind);
  if (kind === 'refused') expect(JSON.stringify([page, answer])).not.toContain('evil');
});

test('LP-08 the same callback again is told that it was used, and answers nothing', async () => {
  const { listener, state, at } = await waiting();
  await comeBack(listener.redirectUri, { code: 'first', state });
  const again = await get(at(`code=second&state=${state}`), { headers: NAVIGATION });
  expectStaticPage(again, 409);
  expect(again.body).toContain('already used');
  expectStaticPage(await get(at('code=third&state=wrong')), 400);
  const answer = await listener.answer;
  expect(answer.kind === 'code' && answer.parameters.get('code')).toBe('first');
});

test('LP-13 an answer in the fragment gets a page that explains, and the sign-in goes on', async () => {
  const one = await waiting();
  for (const url of [one.listener.redirectUri, `${one.listener.redirectUri}?`]) {
    const page = await get(url, { headers: NAVIGATION });
    expectStaticPage(page, 400);
    expect(page.body).toContain('in a way that cannot be read here');
  }
  await expectAlive(one);
});

test('LP-13 an answer as a form is not taken and gets a page that explains', async () => {
  const one = await waiting();
  const form = `code=a&state=${one.state}`;
  const headers = {
    ...NAVIGATION,
    origin: 'https://as.example',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(form.length),
  };
  const page = await get(one.listener.redirectUri, { method: 'POST', headers }, form);
  expectStaticPage(page, 405);
  expect(page.headers.allow).toBe('GET, HEAD');
  expect(page.body).toContain('as a form');
  await expectAlive(one);
});

test('OA-60 of two sign-ins at once each takes its own answer only, in any order', async () => {
  const [first, second] = [
    await waiting({}, 'https://one.example'),
    await waiting({}, 'https://two.example'),
  ];
  expect(first.listener.port).not.toBe(second.listener.port);
  const crossed = [
    await comeBack(first.listener.redirectUri, { code: 'code-of-two', state: second.state }),
    await comeBack(second.listener.redirectUri, { code: 'code-of-one', state: first.state }),
  ];
  for (const page of crossed) expectStaticPage(page, 400);
  await comeBack(second.listener.redirectUri, {
    code: 'two',
    state: second.state,
    iss: 'https://two.example',
  });
  await comeBack(first.listener.redirectUri, { code: 'one', state: first.state, iss: 'https://one.example' });
  const codes = [await first.listener.answer, await second.listener.answer].map((answer) =>
    answer.kind === 'code' ? answer.parameters.get('code') : answer.kind,
  );
  expect(codes).toEqual(['one', 'two']);
});

test("OA-60 one sign-in's answer with the other's state is refused by its issuer", async () => {
  const [first, second] = [
    await waiting({}, 'https://one.example'),
    await waiting({}, 'https://two.example'),
  ];
  const mixed = { code: 'code-of-one', state: second.state, iss: 'https://one.example' };
  await comeBack(second.listener.redirectUri, mixed);
  expect((await second.listener.answer).kind).toBe('refused');
  expect(first.ended()).toBeUndefined();
});
