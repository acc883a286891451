import { Details } from '../../components/details.tsx';
import { SecretField, SelectField, SwitchField, TextField } from '../../components/field.tsx';
import { texts } from '../../texts/texts.ts';
import type { FieldsProps } from './fields.tsx';
import { HeaderTable } from './header-table.tsx';
import { LocalCommand } from './local-command.tsx';
import { SignInWays } from './sign-in-ways.tsx';

const { environment: environments } = texts.words;

/** Everything an MCP server that Gangway does not know may need. */
export function CustomFields({ draft, change, faults, aboutAddress }: FieldsProps) {
  const words = texts.add.custom;
  if (draft.isCommand) return <LocalCommand draft={draft} change={change} faults={faults} />;
  return (
    <>
      <TextField
        label={texts.add.address}
        help={words.addressHelp}
        value={draft.url}
        onChange={(url) => change({ url })}
        error={faults.address}
        input={{ inputMode: 'url', placeholder: 'https://mcp.example.com/mcp' }}
      />
      {aboutAddress}
      <SignInWays draft={draft} change={change} ways={['key', 'oauth', 'none']} />
      {draft.signIn === 'key' && (
        <div className="two-fields">
          <SecretField
            label={words.key}
            value={draft.key}
            onChange={(key) => change({ key })}
            error={faults.key}
          />
          <TextField
            label={words.keyHeader}
            help={words.keyHeaderHelp}
            value={draft.keyHeader}
            onChange={(keyHeader) => change({ keyHeader })}
          />
        </div>
      )}
      {draft.signIn === 'oauth' && <OwnClient draft={draft} change={change} />}
      <HeaderTable rows={draft.headers} onChange={(headers) => change({ headers })} />
      <Details summary={words.advanced} open={draft.isSse}>
        <SelectField
          label={texts.accounts.environment}
          value={draft.environment ?? 'told'}
          onChange={(chosen) => change({ environment: chosen === 'told' ? undefined : chosen })}
          choices={[
            { value: 'told', label: words.environmentTold },
            { value: 'production', label: environments.production },
            { value: 'staging', label: environments.staging },
            { value: 'development', label: environments.development },
          ]}
        />
        <SwitchField
          label={words.sse}
          help={words.sseHelp}
          checked={draft.isSse}
          onChange={(isSse) => change({ isSse })}
        />
        <button type="button" className="text-button" onClick={() => change({ isCommand: true, key: '' })}>
          {words.useCommand}
        </button>
      </Details>
    </>
  );
}

/** A client that the person registered at the server themselves. */
function OwnClient({ draft, change }: Pick<FieldsProps, 'draft' | 'change'>) {
  const words = texts.add.custom;
  return (
    <Details summary={words.ownClient} open={draft.clientId !== '' || draft.clientMetadataUrl !== ''}>
      <p className="muted small">{words.ownClientHelp}</p>
      <TextField
        label={words.clientId}
        optional
        value={draft.clientId}
        onChange={(clientId) => change({ clientId })}
      />
      <SecretField
        label={words.clientSecret}
        optional
        value={draft.clientSecret}
        onChange={(clientSecret) => change({ clientSecret })}
      />
      <TextField
        label={words.clientMetadataUrl}
        optional
        value={draft.clientMetadataUrl}
        onChange={(clientMetadataUrl) => change({ clientMetadataUrl })}
      />
    </Details>
  );
}
