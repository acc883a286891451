/** Direction marks and overrides (Unicode bidirectional algorithm), which can make a text look like another one. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Invisible characters; U+200D stays, because emoji are joined with it. */
const INVISIBLE = /[\u00ad\u200b\u200c\u2060-\u2064\ufeff]/g;

/**
 * A name as it may be shown anywhere: one line, no control or direction characters, no blanks at its ends, at most
 * `limit` UTF-16 units, never cut within a character. Markup stays; whoever shows the name shows it as text.
 */
export function oneLine(text: string, limit: number): string {
  const plain = text
    // Far more than can remain, so that a megabyte is not combed through for one line.
    .slice(0, limit * 20)
    .toWellFormed()
    .normalize('NFC')
    .replace(DIRECTION, '')
    .replace(INVISIBLE, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu, ' ')
    .trim();
  if (plain.length <= limit) return plain;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en').segment(plain)) {
    if (kept.length + segment.length > limit) break;
    kept += segment;
  }
  return kept.trimEnd();
}

const NAMES: Readonly<Record<string, string>> = {
  '\0': 'a NUL character',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a line break',
  ' ': 'a blank',
  '\u007f': 'a DEL character',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width character',
  '\u200d': 'a zero-width character',
  '\u2060': 'a zero-width character',
  '\u202f': 'a no-break space',
  '\u2028': 'a line break',
  '\u2029': 'a line break',
  '\ufeff': 'a byte order mark',
};

/** What a person calls a character that is not allowed; invisible ones by name, others by their code point. */
export function characterName(character: string): string {
  const known = NAMES[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
