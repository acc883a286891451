import { hostOf } from '#contract/account.ts';
import type { ConnectorId } from '#contract/connector.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { texts } from '../texts/texts.ts';
import { type Theme, themes } from '../theme.ts';

/** What a command does. */
export type Deed =
  | { readonly kind: 'go'; readonly to: string }
  | { readonly kind: 'use' | 'sign-in'; readonly account: AccountView }
  | { readonly kind: 'pause'; readonly minutes: number | undefined }
  | { readonly kind: 'resume' }
  | { readonly kind: 'read-only'; readonly on: boolean }
  | { readonly kind: 'theme'; readonly theme: Theme };

/** One line of the palette. */
export interface Command {
  readonly key: string;
  readonly label: string;
  /** Beside the label, quieter. */
  readonly detail: string;
  /** Other words it is found by. */
  readonly also: string;
  readonly deed: Deed;
}

/** Commands under one name, in the shape Base UI's lists take. */
export interface CommandGroup {
  readonly value: string;
  readonly items: readonly Command[];
}

const words = texts.shell.palette;
const connectors: readonly ConnectorId[] = ['allegro', 'pelcro', 'allv', 'aly', 'custom'];

/** Everything that can be done right now, the likeliest first. */
export function commandsOf(
  { accounts, status, settings }: Pick<Snapshot, 'accounts' | 'status' | 'settings'>,
  theme: Theme,
): readonly CommandGroup[] {
  const groups: readonly CommandGroup[] = [
    { value: words.groups.attention, items: accounts.flatMap(attentionCommand) },
    { value: words.groups.switch, items: accounts.filter(({ current }) => !current).map(useCommand) },
    { value: words.groups.pages, items: pageCommands() },
    { value: words.groups.access, items: accessCommands(status.paused, settings.readOnly) },
    { value: words.groups.accounts, items: accounts.map(openCommand) },
    { value: words.groups.add, items: connectors.map(addCommand) },
    { value: words.groups.theme, items: themes.filter((other) => other !== theme).map(themeCommand) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

function attentionCommand(account: AccountView): Command[] {
  const { id, label, condition } = account;
  const base = { detail: detailOf(account), also: alsoOf(account) };
  const page: Deed = { kind: 'go', to: `/accounts/${id}` };
  switch (condition.action) {
    case 'sign-in': {
      const also = `${base.also} ${words.also.signIn}`;
      const deed: Deed = { kind: 'sign-in', account };
      return [{ ...base, key: `sign-in:${id}`, label: words.signIn(label), also, deed }];
    }
    case 'enter-key':
      return [{ ...base, key: `key:${id}`, label: words.enterKey(label), deed: page }];
    case 'ask-support':
      return [{ ...base, key: `support:${id}`, label: words.support(label), deed: page }];
    case 'none':
    case 'wait':
    case 'unlock':
      return [];
    default:
      return condition.action satisfies never;
  }
}

function useCommand(account: AccountView): Command {
  return {
    key: `use:${account.id}`,
    label: words.use(account.label),
    detail: detailOf(account),
    also: `${alsoOf(account)} ${words.also.use}`,
    deed: { kind: 'use', account },
  };
}

function openCommand(account: AccountView): Command {
  return {
    key: `open:${account.id}`,
    label: words.open(account.label),
    detail: detailOf(account),
    also: alsoOf(account),
    deed: { kind: 'go', to: `/accounts/${account.id}` },
  };
}

function pageCommands(): Command[] {
  const { shell } = texts;
  const pages = [
    ['/accounts', shell.accounts, ''],
    ['/apps', shell.apps, words.also.apps],
    ['/activity', shell.activity, words.also.activity],
    ['/rules', shell.rules, words.also.rules],
    ['/settings', shell.settings, words.also.settings],
    ['/about', shell.about, words.also.about],
    ['/doctor', texts.doctor.title, words.also.doctor],
  ] as const;
  return pages.map(([to, label, also]) => ({ key: to, label, detail: '', also, deed: { kind: 'go', to } }));
}

function accessCommands(isPaused: boolean, isReadOnly: boolean): Command[] {
  const pauses = [
    { key: 'pause:15', label: words.pause[15], minutes: 15 },
    { key: 'pause:60', label: words.pause[60], minutes: 60 },
    { key: 'pause', label: words.pause.forever, minutes: undefined },
  ];
  const resume: Command = {
    key: 'resume',
    label: words.resume,
    detail: '',
    also: words.also.resume,
    deed: { kind: 'resume' },
  };
  return [
    ...(isPaused ? [resume] : []),
    ...pauses.map(({ key, label, minutes }): Command => {
      return { key, label, detail: '', also: words.also.pause, deed: { kind: 'pause', minutes } };
    }),
    {
      key: 'read-only',
      label: isReadOnly ? words.readOnlyOff : words.readOnlyOn,
      detail: '',
      also: words.also.readOnly,
      deed: { kind: 'read-only', on: !isReadOnly },
    },
  ];
}

function addCommand(connector: ConnectorId): Command {
  return {
    key: `add:${connector}`,
    label: connector === 'custom' ? words.addOther : words.add(texts.words.connector[connector]),
    detail: '',
    also: words.also.add,
    deed: { kind: 'go', to: `/accounts/add/${connector}` },
  };
}

function themeCommand(theme: Theme): Command {
  return {
    key: `theme:${theme}`,
    label: words.theme[theme],
    detail: '',
    also: words.also.theme,
    deed: { kind: 'theme', theme },
  };
}

function detailOf({ connector, environment }: AccountView): string {
  return `${texts.words.connector[connector]} · ${texts.words.environment[environment]}`;
}

function alsoOf(account: AccountView): string {
  return `${account.slug} ${hostOf(account)} ${account.identity?.summary ?? ''}`;
}
