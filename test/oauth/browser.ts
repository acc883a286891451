import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a browser gets back. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request exactly as given, redirects not followed; everything a browser would not let a page set can be set. */
export async function get(url: string, options: RequestOptions = {}, body?: string): Promise<Got> {
  const sent = request(url, { agent: false, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** The headers of a top-level navigation from another site, as browsers send them. */
export const NAVIGATION = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'upgrade-insecure-requests': '1',
} as const;

/** A person's browser that comes back with this query: it follows the redirect and shows the page it ends at. */
export async function comeBack(redirectUri: string, query: Record<string, string>): Promise<Got> {
  const first = await get(`${redirectUri}?${new URLSearchParams(query)}`, { headers: NAVIGATION });
  const { location } = first.headers;
  return location ? get(new URL(location, redirectUri).href, { headers: NAVIGATION }) : first;
}
