import type { Switched } from '../contract/control.ts';

/** Who follows a switch and who is pinned elsewhere. */
export function switchedLines({ following, notAffected }: Switched): string[] {
  const lines: string[] = [];
  if (following.length > 0) lines.push(`Follows from the next call: ${following.join(', ')}`);
  if (notAffected.length > 0) lines.push(`Stays where it is: ${notAffected.join(', ')}`);
  if (lines.length === 0) lines.push('No app is connected now; the next one starts there.');
  return lines;
}
