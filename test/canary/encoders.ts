const BEFORE = ['', 'x', 'xy'];

/** Ways in which a secret may be written where it should not be. All give text of Latin-1 characters. */
export const encoders: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'upper case': (secret) => secret.toUpperCase(),
  'twelve characters': (secret) => secret.slice(-20, -8),
  'base64, first alignment': (secret) => base64(secret, 0, 'base64'),
  'base64, second alignment': (secret) => base64(secret, 1, 'base64'),
  'base64, third alignment': (secret) => base64(secret, 2, 'base64'),
  base64url: (secret) => base64(secret, 1, 'base64url'),
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'percent-encoded throughout': (secret) => each(secret, (code) => `%${code.toString(16)}`),
  'JSON-escaped': (secret) => JSON.stringify({ secret }),
  'JSON-escaped throughout': (secret) => each(secret, (code) => `\\u00${code.toString(16)}`),
  'HTML-escaped': (secret) => secret.replaceAll('|', '&#124;'),
  'HTML-escaped throughout, hexadecimal': (secret) => each(secret, (code) => `&#x${code.toString(16)};`),
  'HTML-escaped throughout, decimal': (secret) => each(secret, (code) => `&#${code};`),
  'UTF-16LE': (secret) => Buffer.from(secret, 'utf16le').toString('latin1'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
};

function base64(secret: string, before: number, encoding: 'base64' | 'base64url'): string {
  return Buffer.from(`${BEFORE[before]}${secret}`).toString(encoding);
}

function each(secret: string, encode: (code: number) => string): string {
  return [...secret].map((character) => encode(character.charCodeAt(0))).join('');
}
