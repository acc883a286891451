import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The site of somebody who means no good: pages that attack, redirects, and a policy whose reports go elsewhere. */
export interface Site extends AsyncDisposable {
  readonly port: number;
  /** The same page under a name of it. */
  urlAt(host: string): string;
}

/** What a page needs to attack. */
export async function hostileScript(): Promise<string> {
  return readFile(new URL('./attempts.js', import.meta.url), 'utf8');
}

/** A page that can attack, whatever it is embedded as. */
export async function hostilePage(): Promise<string> {
  return `<!doctype html><title>hostile</title><body><script>${await hostileScript()}</script></body>`;
}

/** Serves the page at every name that leads to 127.0.0.1. */
export async function startSite(): Promise<Site> {
  const page = await hostilePage();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    request.resume();
    if (url.pathname === '/redirect') {
      const headers = { location: url.searchParams.get('to') ?? '/', 'access-control-allow-origin': '*' };
      response.writeHead(Number(url.searchParams.get('status')), headers).end();
    } else if (url.pathname === '/report') {
      const to = url.searchParams.get('to') ?? '';
      response.writeHead(200, {
        'content-type': 'text/html',
        'content-security-policy': `default-src 'none'; report-uri ${to}`,
        link: `<${to}>; rel=preload; as=fetch`,
      });
      response.end('<!doctype html><img src="/none">');
    } else if (url.pathname === '/worker.js') {
      const to = JSON.stringify(url.searchParams.get('to') ?? '');
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(`try { importScripts(${to}) } catch {}
        self.addEventListener('install', (event) => event.waitUntil(
          fetch(${to}, { method: 'POST', mode: 'no-cors', body: '{}' }).catch(() => undefined)));`);
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    urlAt: (host) => `http://${host}:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
