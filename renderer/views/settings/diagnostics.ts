import type { Snapshot } from '#contract/control.ts';
import type { DesktopState } from '#contract/desktop.ts';

/**
 * What a person may hand to whoever helps: versions, states and numbers. Accounts go by their kind, because labels,
 * addresses and paths name people and customers; no text of a server is in it.
 */
export function diagnosticsText(
  { status, settings, accounts, sessions, clients, recent }: Snapshot,
  desktop: DesktopState | undefined,
  userAgent: string,
  now: Date,
): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(status.startedAt)) / 60_000));
  const switches = [status.paused && 'paused', settings.readOnly && 'read-only'].filter(Boolean);
  return [
    `Gangway ${status.version}, ${now.toISOString()}`,
    `Window: ${desktop ? `desktop app on ${desktop.platform}, tray ${desktop.tray}` : 'panel'}; ${browserOf(userAgent)}`,
    ...(desktop ? [`Update: ${desktop.update.state}`] : []),
    `Bridge: up ${minutes} min${switches.map((word) => `, ${word}`).join('')}`,
    `Vault: ${status.vault.kind}, ${status.vault.state}`,
    `HTTP door: ${status.url === null ? 'closed' : 'open'}; proxy: ${settings.proxy.mode}`,
    `Log: ${settings.activityDays} days, arguments and results ${settings.activityBodies ? 'kept' : 'not kept'}`,
    `Sessions: ${sessions.length} (${sessions.filter(({ door }) => door === 'http').length} over HTTP); clients: ${clients.length}`,
    `Last calls: ${counted(recent.map(({ outcome }) => outcome))}`,
    `Accounts: ${accounts.length}`,
    ...accounts.map(({ connector, environment, upstream, signIn, condition, current }) => {
      const facts = [connector, environment, upstream.kind, signIn.kind, condition.state];
      return `- ${facts.join(', ')}${current ? ', current' : ''}`;
    }),
  ].join('\n');
}

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts.size === 0 ? 'none' : [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}

/** System and engine of a user agent text, which is mostly history. */
function browserOf(userAgent: string): string {
  const system = /\(([^)]*)\)/.exec(userAgent)?.[1] ?? 'unknown system';
  const engine = /(?:Firefox|Chrome|Version)\/[\d.]+/.exec(userAgent)?.[0] ?? 'unknown browser';
  return `${engine} on ${system}`;
}
