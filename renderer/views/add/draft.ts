import type { Environment } from '#contract/account.ts';
import type { ConnectorId } from '#contract/connector.ts';
import type { AccountView, NewAccount, WorkspaceLook } from '#contract/control.ts';
import type { AddForm } from '#contract/link.ts';
import type { PastedForm } from '#contract/pasted-form.ts';
import { texts } from '../../texts/texts.ts';

export type SignInWay = 'none' | 'key' | 'oauth';

/** One extra header as it stands in the form. */
export interface HeaderRow {
  readonly id: number;
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** The form for a new account: everything a person may fill in, as typed. */
export interface Draft {
  readonly connector: ConnectorId;
  readonly label: string;
  readonly url: string;
  readonly workspace: string;
  /** Undefined: the address tells. */
  readonly environment: Environment | undefined;
  readonly signIn: SignInWay;
  readonly key: string;
  readonly keyHeader: string;
  readonly user: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientMetadataUrl: string;
  readonly headers: readonly HeaderRow[];
  readonly isCommand: boolean;
  /** One word per line. */
  readonly command: string;
  readonly cwd: string;
  readonly isSse: boolean;
  readonly ownNetwork: boolean;
  readonly readOnly: boolean;
}

const firstWay: Readonly<Record<ConnectorId, SignInWay>> = {
  allegro: 'key',
  pelcro: 'oauth',
  allv: 'key',
  aly: 'oauth',
  custom: 'key',
};

/** An empty form for this kind of workspace. */
export function emptyDraft(connector: ConnectorId): Draft {
  return {
    connector,
    label: '',
    url: '',
    workspace: '',
    environment: undefined,
    signIn: firstWay[connector],
    key: '',
    keyHeader: connector === 'custom' ? 'authorization' : '',
    user: '',
    clientId: '',
    clientSecret: '',
    clientMetadataUrl: '',
    headers: [],
    isCommand: false,
    command: '',
    cwd: '',
    isSse: false,
    ownNetwork: false,
    readOnly: false,
  };
}

/** The form as a link, an invitation or a pasted text fills it. Nothing is sent before the person acts. */
export function draftFrom(filled: AddForm | PastedForm): Draft {
  const pasted: PastedForm = 'kind' in filled ? filled : { kind: 'form', form: filled };
  const { form, key, keyHeader, headers = {}, command, transport } = pasted;
  const draft = emptyDraft(form.connector ?? 'custom');
  return {
    ...draft,
    label: form.label ?? '',
    url: form.url ?? '',
    workspace: form.workspace ?? '',
    environment: form.environment,
    user: form.user ?? '',
    signIn: form.signIn ?? (key === undefined ? draft.signIn : 'key'),
    key: key ?? '',
    keyHeader: keyHeader ?? draft.keyHeader,
    headers: Object.entries(headers).map(([name, value], id) => ({ id, name, value, secret: true })),
    isCommand: command !== undefined,
    command: command?.join('\n') ?? '',
    isSse: transport === 'sse',
  };
}

/** The form for an account that has to be added once more, with a sign-in this time. */
export function draftAgain({ connector, label, upstream }: AccountView): Draft {
  const draft = emptyDraft(connector);
  if (upstream.kind === 'command') return { ...draft, label };
  return { ...draft, label, url: upstream.url, isSse: upstream.kind === 'sse' };
}

/** What the bridge is asked to add. Blanks around are cut, and empty fields are left out. */
export function newAccountOf(draft: Draft): NewAccount {
  const { connector, readOnly } = draft;
  const common = { connector, readOnly, ...filled({ label: draft.label }) };
  if (draft.isCommand) {
    const command = wordsOf(draft.command);
    return { ...common, command, ...filled({ cwd: draft.cwd, user: draft.user }) };
  }
  const named = draft.headers.filter(({ name, value }) => name.trim() !== '' && value !== '');
  const pairs = (secret: boolean): Record<string, string> =>
    Object.fromEntries(
      named.filter((row) => row.secret === secret).map(({ name, value }) => [name.trim(), value]),
    );
  return {
    ...common,
    ...filled({ url: draft.url, workspace: draft.workspace, user: draft.user }),
    ...(draft.environment && tellsEnvironment(draft) ? { environment: draft.environment } : {}),
    signIn: draft.signIn,
    ...(draft.signIn === 'key' ? filled({ key: draft.key, keyHeader: draft.keyHeader }) : {}),
    ...(draft.signIn === 'oauth'
      ? filled({
          clientId: draft.clientId,
          clientSecret: draft.clientSecret,
          clientMetadataUrl: draft.clientMetadataUrl,
        })
      : {}),
    ...(named.length > 0 ? { headers: pairs(false), secretHeaders: pairs(true) } : {}),
    ...(draft.isSse ? { transport: 'sse' as const } : {}),
    ownNetwork: draft.ownNetwork,
  };
}

/** A vendor's own address is chosen by its environment; another address tells by itself, unless nobody knows it. */
export function tellsEnvironment({ connector, url }: Draft): boolean {
  return connector === 'custom' || (connector === 'pelcro' && url.trim() === '');
}

/** The members that accounts of this kind run as, or did before, each once. */
export function usersBefore(accounts: readonly AccountView[]): string[] {
  const users = accounts
    .filter(({ connector }) => connector === 'allv')
    .flatMap(({ actingAs, user, recentUsers }) => [actingAs, user, ...recentUsers]);
  return [...new Set(users.flatMap((user) => user?.value ?? []))].slice(0, 5);
}

/** The words of a local command, one per line. */
export function wordsOf(command: string): string[] {
  return command
    .split('\n')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** What is said at each field; absent where all is well. */
export type FieldFaults = Readonly<Partial<Record<'address' | 'key' | 'user' | 'command', string>>>;

/** What has to be filled in before it can be tried. */
export function missingIn(draft: Draft): FieldFaults {
  const words = texts.add.missing;
  if (draft.isCommand) return wordsOf(draft.command).length === 0 ? { command: words.command } : {};
  const isKnown = draft.connector === 'pelcro' || draft.connector === 'aly';
  const hasPlace = isKnown || draft.url.trim() !== '' || draft.workspace.trim() !== '';
  return {
    ...(hasPlace ? {} : { address: draft.connector === 'allv' ? words.workspace : words.address }),
    ...(draft.signIn === 'key' && draft.key.trim() === '' ? { key: words.key } : {}),
    ...(draft.connector === 'allv' && draft.user.trim() === '' ? { user: words.user } : {}),
  };
}

/** Where a refusal belongs: to one field, or to the whole form. */
export interface Refusal {
  readonly fields: FieldFaults;
  readonly form: string | undefined;
}

const SAYS = / It says: (".*")$/s;

/**
 * Why the account was not added, at the field it is about. The bridge's sentence speaks of an account that is there; here
 * it is cut to what was found.
 */
export function refusalOf({ code, message }: { code: string; message: string }, draft: Draft): Refusal {
  if (code === 'sign-in-needed' && draft.signIn === 'key') {
    return { fields: { key: keyRefused(message) }, form: undefined };
  }
  const [, said] = SAYS.exec(message) ?? [];
  if (code === 'refused' && draft.connector === 'allv' && said && /\b(member|user|person)\b/i.test(said)) {
    return { fields: { user: texts.add.allv.refusedUser(said) }, form: undefined };
  }
  return { fields: {}, form: message };
}

/** That a workspace does not take a key, without the advice for accounts that are there already. */
export function keyRefused(message: string): string {
  const [, reason = message] =
    /: sign-in needed\. (.*?\.) Replace the key in Gangway\.$/s.exec(message) ?? [];
  return reason;
}

/**
 * The way to sign in that a look found, for somebody who has not chosen by themselves. What was entered for one way stays
 * with it.
 */
export function suggestedWay(draft: Draft, { signIn: ways }: Pick<WorkspaceLook, 'signIn'>): SignInWay {
  const [best] = ways;
  const hasEntered = draft.key !== '' || draft.clientId !== '' || draft.clientMetadataUrl !== '';
  if (best === undefined || hasEntered) return draft.signIn;
  // A known kind of workspace has its own usual way; it changes only when that does not work here.
  if (draft.connector !== 'custom' && ways.includes(draft.signIn)) return draft.signIn;
  return best;
}

function filled<Fields extends Record<string, string>>(fields: Fields): Partial<Fields> {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value.trim() === '' ? [] : [[name, value.trim()] as const],
  );
  return Object.fromEntries(given) as Partial<Fields>;
}
