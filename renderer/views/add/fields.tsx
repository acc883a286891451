import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Details } from '../../components/details.tsx';
import { RadioField, SecretField, SelectField, TextField } from '../../components/field.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { CustomFields } from './custom-fields.tsx';
import { type Draft, type FieldFaults, usersBefore } from './draft.ts';
import { LocalCommand } from './local-command.tsx';
import { SignInWays } from './sign-in-ways.tsx';

export interface FieldsProps {
  readonly draft: Draft;
  readonly change: (changed: Partial<Draft>) => void;
  /** What is wrong with them. */
  readonly faults: FieldFaults;
  /** Stands below the address, because it is about that. */
  readonly aboutAddress: ReactNode;
}

/** What is asked for this kind of workspace. */
export function ConnectorFields(props: FieldsProps): ReactNode {
  switch (props.draft.connector) {
    case 'allegro':
      return <AllegroFields {...props} />;
    case 'pelcro':
      return <PelcroFields {...props} />;
    case 'allv':
      return <AllvFields {...props} />;
    case 'aly':
      return <AlyFields {...props} />;
    case 'custom':
      return <CustomFields {...props} />;
    default:
      return props.draft.connector satisfies never;
  }
}

function AllegroFields({ draft, change, faults, aboutAddress }: FieldsProps) {
  const words = texts.add.allegro;
  if (draft.isCommand) return <LocalCommand draft={draft} change={change} faults={faults} takesUser />;
  return (
    <>
      <TextField
        label={words.address}
        help={words.addressHelp}
        value={draft.url}
        onChange={(url) => change({ url })}
        error={faults.address}
        input={{ placeholder: 'acme.example.com', inputMode: 'url' }}
      />
      {aboutAddress}
      <SecretField
        label={words.token}
        help={words.tokenHelp}
        value={draft.key}
        onChange={(key) => change({ key })}
        error={faults.key}
      />
      <button type="button" className="text-button" onClick={() => change({ isCommand: true, key: '' })}>
        {words.useCommand}
      </button>
    </>
  );
}

function PelcroFields({ draft, change, faults, aboutAddress }: FieldsProps) {
  const words = texts.add.pelcro;
  return (
    <>
      <Environment draft={draft} change={change} />
      <SignInWays draft={draft} change={change} ways={['oauth', 'key']} />
      {draft.signIn === 'oauth' ? (
        <p className="muted">{words.chooseThere}</p>
      ) : (
        <SecretField
          label={words.token}
          help={words.tokenHelp}
          value={draft.key}
          onChange={(key) => change({ key })}
          error={faults.key}
        />
      )}
      <AddressOverride draft={draft} change={change} aboutAddress={aboutAddress} />
    </>
  );
}

function AllvFields({ draft, change, faults, aboutAddress }: FieldsProps) {
  const words = texts.add.allv;
  return (
    <>
      <TextField
        label={words.workspace}
        help={words.workspaceHelp}
        value={draft.url === '' ? draft.workspace : draft.url}
        onChange={(typed) =>
          change(/[/.]/.test(typed) ? { url: typed, workspace: '' } : { url: '', workspace: typed })
        }
        error={faults.address}
      />
      {aboutAddress}
      <SecretField
        label={words.key}
        help={words.keyHelp}
        value={draft.key}
        onChange={(key) => change({ key })}
        error={faults.key}
        input={{ placeholder: 'sk_live_…' }}
      />
      <SelectField
        label={words.keyHeader}
        value={draft.keyHeader === '' ? 'authorization' : draft.keyHeader}
        onChange={(keyHeader) => change({ keyHeader })}
        choices={[
          { value: 'authorization', label: words.inAuthorization },
          { value: 'x-api-key', label: words.inApiKey },
        ]}
      />
      <TextField
        label={words.user}
        help={words.userHelp}
        value={draft.user}
        onChange={(user) => change({ user })}
        error={faults.user}
        input={{ placeholder: 'member@acme.example' }}
      />
      <RecentUsers chosen={draft.user} onChosen={(user) => change({ user })} />
    </>
  );
}

function AlyFields({ draft, change, faults, aboutAddress }: FieldsProps) {
  const words = texts.add.aly;
  return (
    <>
      <SignInWays draft={draft} change={change} ways={['oauth', 'key']} />
      {draft.signIn === 'oauth' ? (
        <p className="muted">{words.chooseThere}</p>
      ) : (
        <SecretField
          label={words.key}
          help={words.keyHelp}
          value={draft.key}
          onChange={(key) => change({ key })}
          error={faults.key}
          input={{ placeholder: 'aly_…' }}
        />
      )}
      <AddressOverride draft={draft} change={change} aboutAddress={aboutAddress} />
    </>
  );
}

/** Members that other accounts run as: one click instead of typing. */
function RecentUsers({ chosen, onChosen }: { chosen: string; onChosen: (user: string) => void }) {
  const { accounts } = useSnapshot();
  const users = usersBefore(accounts).filter((user) => user !== chosen.trim());
  if (users.length === 0) return null;
  return (
    <div className="row recent-users">
      <span className="muted small">{texts.account.userRecent}</span>
      {users.map((user) => (
        <Button key={user} size="small" onClick={() => onChosen(user)}>
          {user}
        </Button>
      ))}
    </div>
  );
}

type Parts = Pick<FieldsProps, 'draft' | 'change'>;

/** It stays in its place while another address is typed, which tells by itself. */
function Environment({ draft, change }: Parts) {
  const isTold = draft.url.trim() !== '';
  return (
    <RadioField
      label={texts.accounts.environment}
      help={isTold ? texts.add.environmentTold : texts.add.environmentHelp}
      value={draft.environment === 'staging' ? 'staging' : 'production'}
      onChange={(environment) => change({ environment })}
      disabled={isTold}
      choices={[
        { value: 'production', label: texts.words.environment.production },
        { value: 'staging', label: texts.words.environment.staging },
      ]}
    />
  );
}

/** Another address than the vendor's own, for those who run the workspace elsewhere. */
function AddressOverride({ draft, change, aboutAddress }: Parts & Pick<FieldsProps, 'aboutAddress'>) {
  return (
    <Details summary={texts.add.otherAddress} open={draft.url !== ''}>
      <TextField
        label={texts.add.address}
        help={texts.add.otherAddressHelp}
        optional
        value={draft.url}
        onChange={(url) => change({ url })}
        input={{ inputMode: 'url' }}
      />
      {aboutAddress}
    </Details>
  );
}
