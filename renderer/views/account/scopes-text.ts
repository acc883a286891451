import { scopeGroups } from '../../accounts/scopes.ts';
import { texts } from '../../texts/texts.ts';

/** What a sign-in may do, in plain words: "Read orders, content; write orders; openid". */
export function scopesText(scope: string): string {
  const text = scopeGroups(scope)
    .map(({ verb, things }) =>
      `${verb} ${things.map((thing) => (thing === '*' ? texts.account.everything : thing)).join(', ')}`.trim(),
    )
    .join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
