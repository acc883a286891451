import { oneLine } from '#bridge/base/text.ts';
import type { Upstream } from '#contract/account.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';

export interface DiagnosticFacts {
  readonly snapshot: Snapshot | undefined;
  /** The owner of the bridge is away. */
  readonly isLost: boolean;
  readonly versions: {
    readonly gangway: string;
    readonly electron?: string;
    readonly chrome?: string;
    readonly node: string;
  };
  readonly platform: NodeJS.Platform;
  /** Of the operating system's kernel. */
  readonly release: string;
  readonly arch: string;
  readonly isPackaged: boolean;
  readonly tray: 'shown' | 'missing';
  readonly update: UpdateState;
  readonly now: Date;
}

/**
 * What "Copy diagnostics" puts on the clipboard, for somebody who is to help. Names, numbers and states only: no secret,
 * no path, which would name the person, no text of a server, and of an address only its host.
 */
export function diagnosticsText(facts: DiagnosticFacts): string {
  const { versions, snapshot } = facts;
  const programs = [
    versions.electron && `Electron ${versions.electron}`,
    versions.chrome && `Chrome ${versions.chrome}`,
    `Node ${versions.node}`,
  ];
  return `${[
    `Gangway ${versions.gangway}${facts.isPackaged ? '' : ' (not installed)'}, ${facts.now.toISOString()}`,
    programs.filter(Boolean).join(', '),
    `System: ${facts.platform} ${oneLine(facts.release, 80)} ${facts.arch}, tray ${facts.tray}`,
    `Update: ${facts.update.state}${facts.update.version ? ` ${facts.update.version}` : ''}`,
    ...(snapshot ? bridgeLines(snapshot, facts.isLost, facts.now) : ['Bridge: nothing heard yet']),
  ].join('\n')}\n`;
}

function bridgeLines(snapshot: Snapshot, isLost: boolean, now: Date): string[] {
  const { status, settings, accounts, sessions, clients, recent } = snapshot;
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(status.startedAt)) / 60_000));
  const switches = [status.paused && 'paused', settings.readOnly && 'read-only'].filter(Boolean);
  return [
    `Bridge: ${status.version}, up ${minutes} min${isLost ? ', lost' : ''}${switches.map((one) => `, ${one}`).join('')}`,
    `Vault: ${status.vault.kind}, ${status.vault.state}`,
    `HTTP door: ${status.url === null ? 'closed' : 'open'}; proxy: ${settings.proxy.mode}`,
    `Sessions: ${sessions.length} (${sessions.filter(({ door }) => door === 'http').length} over HTTP); clients: ${clients.length}`,
    `Last calls: ${counted(recent.map(({ outcome }) => outcome))}`,
    `Accounts: ${accounts.length}`,
    ...accounts.map(accountLine),
  ];
}

function accountLine({
  label,
  connector,
  upstream,
  environment,
  signIn,
  condition,
  current,
}: AccountView): string {
  const facts = [connector, environment, hostWord(upstream), upstream.kind, signIn.kind, condition.state];
  return `- ${oneLine(label, 80)}: ${facts.join(', ')}${current ? ', current' : ''}`;
}

/** Of a command only the program's own name; its folder may name the person, its arguments anything. */
function hostWord(upstream: Upstream): string {
  if (upstream.kind === 'command') return oneLine(upstream.command.replace(/^.*[/\\]/s, ''), 60);
  return URL.parse(upstream.url)?.host ?? 'no host';
}

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts.size === 0 ? 'none' : [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
