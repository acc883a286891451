interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** Cookies by host name and path; like a browser it does not tell ports apart (RFC 6265 section 8.5). */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Keeps what an answer from this address sets; an expired cookie goes. */
  store(url: URL, lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      const attribute = (name: string) =>
        attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
      const path = attribute('path') ?? '/';
      const cookie = { host: url.hostname, path, name: pair.slice(0, equals), value: pair.slice(equals + 1) };
      this.#cookies = this.#cookies.filter(
        (one) => one.host !== cookie.host || one.path !== path || one.name !== cookie.name,
      );
      const expires = Date.parse(attribute('expires') ?? '');
      const gone = attribute('max-age') === '0' || expires <= Date.now();
      if (!gone) this.#cookies.push(cookie);
    }
  }

  /** The `Cookie` header for this address; empty without one. */
  headerFor(url: URL): string {
    return this.#cookies
      .filter(({ host, path }) => host === url.hostname && covers(path, url.pathname))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

/** RFC 6265 section 5.1.4. */
function covers(path: string, asked: string): boolean {
  return asked === path || (asked.startsWith(path) && (path.endsWith('/') || asked[path.length] === '/'));
}
