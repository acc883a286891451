const SHORTEST = 16;

/** Shapes of credentials that must not be shown even when we do not know the value. */
const PATTERNS = [
  /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/|=-]{8,}/g,
  /\bsk_(live|test)_[A-Za-z0-9_-]{6,}/g,
  /\baly_(oauth_)?[A-Za-z0-9_-]{8,}/g,
  /\bgw_[A-Za-z0-9_-]{20,}/g,
  /\b\d+\|[A-Za-z0-9_-]{40,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/g,
  /\b(code|refresh_token|access_token|client_secret)=[^&\s"]{4,}/g,
];

/**
 * Takes secrets out of text: the live ones it was told of, raw and encoded as base64, percent, JSON or HTML, and
 * anything that looks like a credential. Safe on any text; never throws, never makes it longer than the marks need.
 */
export class Redactor {
  readonly #forms = new Map<string, string[]>();

  /** Remembers a live secret; text that contains it is cleaned from now on. */
  learn(secret: string): void {
    if (secret.length < 4 || this.#forms.has(secret)) return;
    const quoted = JSON.stringify(secret).slice(1, -1);
    // PHP writes a slash in JSON with a backslash before it.
    const forms = new Set([
      secret,
      ...percentForms(secret),
      quoted,
      quoted.replaceAll('/', '\\/'),
      ...htmlForms(secret),
    ]);
    if (secret.length >= SHORTEST) {
      for (const text of [secret, `Bearer ${secret}`]) {
        const bytes = Buffer.from(text);
        forms.add(bytes.toString('base64').replace(/=+$/, ''));
        forms.add(bytes.toString('base64url'));
      }
    }
    this.#forms.set(secret, [...forms]);
  }

  forget(secret: string): void {
    this.#forms.delete(secret);
  }

  /** The text without secrets, known or shaped like one. */
  clean(text: string, mark = '[removed]'): string {
    let cleaned = this.cleanKnown(text, mark);
    for (const pattern of PATTERNS) cleaned = cleaned.replace(pattern, mark);
    return cleaned;
  }

  /** Removes only the live secrets; for content that must otherwise stay as it is. */
  cleanKnown(text: string, mark = '[removed]'): string {
    let cleaned = text;
    for (const forms of this.#forms.values()) {
      for (const form of forms) if (cleaned.includes(form)) cleaned = cleaned.replaceAll(form, mark);
    }
    return cleaned;
  }
}

/** Percent-encoding with digits in either case (RFC 3986 section 2.1). */
function percentForms(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  return [encoded, encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())];
}

/** As templates write a text into a page; they differ in the two quotes only. */
function htmlForms(secret: string): string[] {
  const plain = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['&#39;', '&#039;', '&#x27;', '&apos;', "'"].flatMap((apostrophe) =>
    ['&quot;', '&#34;'].map((quote) => plain.replaceAll("'", apostrophe).replaceAll('"', quote)),
  );
}
