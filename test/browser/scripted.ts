import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CookieJar } from './cookie-jar.ts';
import { formsIn } from './forms.ts';

/** What the person does on the pages. */
export interface Choices {
  /** Id or name of the account on the consent page, where one has to be chosen. */
  readonly account?: string;
  /** Presses Cancel instead. */
  readonly decline?: boolean;
  /** On the sign-in page; `person@example.com` when absent. */
  readonly email?: string;
}

/** The page on which the sign-in ends. */
export interface LastPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** Every address on the way, beginning with the link. They carry the code: never print them. */
  readonly visited: readonly string[];
}

const MOST_PAGES = 20;

/**
 * Opens a sign-in link as a browser would: follows redirects, keeps cookies, fills in the forms of the sample pages, and
 * ends at the page the client shows. It goes to addresses of this computer only.
 *
 * @throws Error for an address elsewhere, a page without the account, or more than 20 pages.
 */
export async function signInByScript(link: string, choose: Choices = {}): Promise<LastPage> {
  const jar = new CookieJar();
  const visited: string[] = [];
  let next: Visit | undefined = { url: new URL(link) };
  while (visited.length < MOST_PAGES) {
    visited.push(next.url.href);
    const page: Page = await visit(next, jar);
    const location: string | undefined = page.headers.location;
    if (location !== undefined && page.status >= 300 && page.status < 400) {
      next = { url: new URL(location, next.url) };
      continue;
    }
    const [form] = page.status < 400 ? formsIn(page.text) : [];
    if (form === undefined) return { url: next.url.href, status: page.status, text: page.text, visited };
    const fields = form.fill(choose);
    next = { url: new URL(form.action ?? next.url, next.url), fields };
  }
  throw new Error(`The sign-in did not end after ${MOST_PAGES} pages.`);
}

interface Visit {
  readonly url: URL;
  /** Sent with POST. */
  readonly fields?: URLSearchParams;
}

interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** `fetch` cannot do this: it says of itself that it is no navigation, and a loopback listener may refuse that. */
async function visit({ url, fields }: Visit, jar: CookieJar): Promise<Page> {
  if (url.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    throw new Error(`A sign-in on this computer led to ${url.origin}.`);
  }
  const cookie = jar.headerFor(url);
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const sending = request(url, {
    method: fields === undefined ? 'GET' : 'POST',
    agent: false,
    headers: {
      accept: 'text/html,application/xhtml+xml',
      'sec-fetch-dest': 'document',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-site': 'cross-site',
      'upgrade-insecure-requests': '1',
      ...(cookie === '' ? {} : { cookie }),
      ...(fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
  });
  sending.once('error', reject);
  sending.once('response', (response) => {
    jar.store(url, response.headers['set-cookie'] ?? []);
    text(response).then(
      (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
      reject,
    );
  });
  sending.end(fields?.toString());
  return promise;
}
