import { expect, test } from 'vitest';
import { PATHS, startHostile } from '../oauth/hostile.ts';
import { listen } from '../workspaces/listen.ts';
import { CookieJar } from './cookie-jar.ts';
import { formsIn } from './forms.ts';
import { signInByScript } from './scripted.ts';

test('a server that asks nothing is passed at once, as a navigation of a browser', async () => {
  const headers: Record<string, unknown>[] = [];
  await using client = await listen(async (request, response) => {
    headers.push(request.headers);
    if (request.url === '/done') response.end('done');
    else response.writeHead(303, { location: '/done' }).end();
  });
  await using hostile = await startHostile();
  const link = new URL(PATHS.authorize, hostile.origin);
  link.search = new URLSearchParams({ redirect_uri: `${client.origin}/callback`, state: 's' }).toString();
  const last = await signInByScript(link.href);
  expect(last).toMatchObject({ status: 200, text: 'done', url: `${client.origin}/done` });
  expect(last.visited).toHaveLength(3);
  expect(headers[0]).toMatchObject({ 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' });
});

test('it never leaves this computer, and it ends', async () => {
  await expect(signInByScript('https://elsewhere.example/authorize')).rejects.toThrow('led to');
  await using away = await listen(async (_, response) => {
    response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
  });
  await expect(signInByScript(away.origin)).rejects.toThrow('led to http://elsewhere.example');
  await using loop = await listen(async (_, response) => {
    response.writeHead(302, { location: '/' }).end();
  });
  await expect(signInByScript(loop.origin)).rejects.toThrow('did not end');
});

test('cookies are kept by host name and path, and go when they end', () => {
  const jar = new CookieJar();
  const at = (path: string, port = 80) => new URL(`http://127.0.0.1:${port}${path}`);
  jar.store(at('/a'), ['one=1; Path=/', 'two=2=2; path=/a; HttpOnly']);
  expect(jar.headerFor(at('/a/b', 81))).toBe('one=1; two=2=2');
  expect(jar.headerFor(at('/ab'))).toBe('one=1');
  expect(jar.headerFor(new URL('http://localhost/a'))).toBe('');
  jar.store(at('/'), ['one=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT', 'two=3; path=/a']);
  expect(jar.headerFor(at('/a'))).toBe('two=3');
});

test('forms are read with hidden fields, escaped text and an address', () => {
  const page = `<form method="get"><input name="q"></form>
<form method="post" action="/next?a=1&#38;b=2"><input type="hidden" name="h" value="&#34;x&#34;">
<label><input type="radio" name="choice" value="a"> A &#38; B</label>
<button type="submit" name="decision" value="authorize">Yes</button></form>`;
  const [form, ...others] = formsIn(page);
  expect(others).toEqual([]);
  expect(form?.action).toBe('/next?a=1&b=2');
  expect(Object.fromEntries(form?.fill({ account: 'A & B' }) ?? [])).toEqual({
    h: '"x"',
    choice: 'a',
    decision: 'authorize',
  });
  expect(() => form?.fill({ account: 'C' })).toThrow('no account C');
});
