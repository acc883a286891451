/**
 * Plain Chromium knows no schemes but its own, so a page of `app://bundle` lives at `http://bundle.app.localhost`, a
 * name that no resolver is asked for and that counts as trustworthy (W3C Secure Contexts, section 3.1). The app only
 * ever sees its own addresses.
 */
const SUFFIX = 'localhost';

/** The address by which Chromium knows it. Addresses of Chromium's own schemes stay as they are. */
export function outside(url: string): string {
  const [, scheme, host, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || /^(https?|wss?|file|about|data|blob)$/i.test(scheme)) return url;
  return `http://${host}.${scheme}.${SUFFIX}${rest}`;
}

/** The address by which the app knows it. */
export function inside(url: string): string {
  return url.replace(/^(blob:)?http:\/\/([^/?#]+)\.([a-z][a-z0-9+-]*)\.localhost(?=[/?#]|$)/i, '$1$3://$2');
}
