/** What a text from outside says where a server is. `because` never repeats the text, which may hold a secret. */
export type ReadWebAddress =
  | { readonly kind: 'address'; readonly url: string; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly because: string };

/**
 * Characters that cannot be seen or that turn the order of others around (Unicode bidirectional algorithm), so that a
 * text says something else than it shows. U+200D stays out, because emoji are joined with it.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** Shapes of credentials: those of known workspaces, bearer tokens, and JSON Web Tokens (RFC 7519). */
const SECRET_SHAPE =
  /\bbearer\s+\S{16,}|\bsk_(live|test)_\w{6,}|\baly_\w{8,}|\bgw_[\w-]{20,}|\b\d+\|[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}/i;

/** Query parameters that carry credentials. */
const SECRET_PARAMETER =
  /(^|[-_.])(key|token|secret|password|passwd|pwd|auth|authorization|sig|signature|credentials?)$|api_?key|token/i;

const MOST_CHARACTERS = 2000;
/** `..` and `.`, which a URL parser resolves, so that the path that is used is not the one that was read. */
const DOT_SEGMENT = /\/(\.|%2e){1,2}(\/|$|\?)/i;
/** A host name in ASCII, or an IPv6 address; the URL parser lets more characters through. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** True when some character of the text cannot be seen or hides what the text says. */
export function hidesSomething(text: string): boolean {
  return UNSEEN.test(text);
}

/** The text without what {@link hidesSomething} finds, in one line. */
export function onlyVisible(text: string): string {
  return text.replaceAll(new RegExp(UNSEEN, 'gu'), ' ').replaceAll(/\s+/g, ' ').trim();
}

/** True when the text looks like a credential, or contains one. */
export function looksLikeSecret(text: string): boolean {
  return SECRET_SHAPE.test(text);
}

/** True for a parameter of an address, or a header, whose name says that its value is a credential. */
export function namesSecret(name: string): boolean {
  return SECRET_PARAMETER.test(name);
}

/**
 * Reads an address with its scheme, as it stands in a link or a pasted text. Refused is what a URL parser would repair
 * into another address than the person sees; a host that is not in plain English letters is shown as it really is.
 */
export function readWebAddress(text: string): ReadWebAddress {
  if (text.length > MOST_CHARACTERS) {
    return refuse(`The address is longer than ${MOST_CHARACTERS} characters. Check it.`);
  }
  const [, authority = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(text) ?? [];
  if (!/^https?:\/\//i.test(text)) {
    return refuse(
      'The address must begin with https:// and a host. Other kinds of addresses cannot be used.',
    );
  }
  if (authority === '') return refuse('The address names no host. It looks like https://host/mcp.');
  if (hidesSomething(text) || /[\s\\]/.test(text)) {
    return refuse('The address contains blanks, backslashes or invisible characters. Type it without.');
  }
  if (authority.includes('@')) {
    return refuse('Credentials do not belong in the address. Type it without the part before @.');
  }
  if (authority.includes('%')) return refuse('The host in the address must not contain percent signs.');
  if (text.includes('#')) return refuse('The address must not contain #. Leave out that part.');
  if (DOT_SEGMENT.test(rest)) return refuse('The path in the address must not contain ".." or ".".');
  const url = URL.parse(text);
  if (!url || !HOST.test(url.hostname)) {
    return refuse('This is not an address: check the host and the port. It looks like https://host/mcp.');
  }
  if (looksLikeSecret(decoded(text)) || [...url.searchParams.keys()].some(namesSecret)) {
    return refuse('Keys do not belong in the address. Leave it out there and enter it as key or header.');
  }
  return asShown(text, authority, url);
}

function asShown(text: string, authority: string, url: URL): ReadWebAddress {
  const typedHost = authority.replace(/:\d*$/, '').toLowerCase();
  const isForeign =
    /[^\u0000-\u007f]/.test(typedHost) || url.hostname.split('.').some((part) => part.startsWith('xn--'));
  const notes = isForeign
    ? [`The host contains letters outside plain English. Really it is ${url.hostname.slice(0, 200)}.`]
    : [];
  if (typedHost === url.hostname) return { kind: 'address', url: text, notes };
  if (!isForeign) notes.push(`The host was read as ${url.hostname}.`);
  return { kind: 'address', url: url.href.slice(0, MOST_CHARACTERS), notes };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuse(because: string): ReadWebAddress {
  return { kind: 'refused', because };
}
