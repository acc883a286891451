import type { Switched } from '../contract/control.ts';

/** Who follows a switch, who may not notice it, and who is pinned elsewhere. */
export function switchedLines({ following, mayNeedReload, notAffected }: Switched): string[] {
  const lines: string[] = [];
  if (following.length > 0) lines.push(`Follows from the next call: ${following.join(', ')}`);
  if (mayNeedReload.length > 0) lines.push(reloadLine(mayNeedReload));
  if (notAffected.length > 0) lines.push(`Stays where it is: ${notAffected.join(', ')}`);
  if (lines.length === 0) lines.push('No app is connected now; the next one starts there.');
  return lines;
}

function reloadLine(apps: readonly string[]): string {
  const names = apps.join(', ');
  return apps.length === 1
    ? `${names} shows the new tools when it asks next; if it still shows the old ones, restart it.`
    : `${names} show the new tools when they ask next; if one still shows the old ones, restart it.`;
}
