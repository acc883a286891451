import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccountView, ToolView } from '#contract/control.ts';
import type { Tone } from '../../components/badge.tsx';
import { Health } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card } from '../../components/page.tsx';
import { failureOf } from '../../failure.ts';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { type AppSessions, appsOf } from '../apps/groups.ts';
import { ToolChoice } from './tool-choice.tsx';
import { type Verdict, verdictOf } from './verdict.ts';

const words = texts.rules;
const ANY = '';

/** Says what would become of a call, without making it. */
export function WhatIf() {
  const { accounts, sessions } = useSnapshot();
  const [appName, chooseApp] = useState(ANY);
  const [accountId, chooseAccount] = useState<string>(ANY);
  const [toolName, chooseTool] = useState<string>();
  const apps = appsOf(sessions);
  const app = apps.find(({ name }) => name === appName);
  const account = accounts.find(({ id }) => id === accountId);
  const tools = useTools(account);
  const tool = tools.data?.find(({ name }) => name === toolName);
  const pickApp = (name: string): void => {
    chooseApp(name);
    const reached = apps.find((other) => other.name === name)?.sessions.find((one) => one.account !== null);
    if (reached?.account) chooseAccount(reached.account);
  };
  return (
    <Card className="stack">
      <div className="row-fields what-if">
        <SelectField
          label={words.app}
          value={app ? appName : ANY}
          onChange={pickApp}
          choices={[
            { value: ANY, label: words.anyApp },
            ...apps.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
        <SelectField
          label={words.account}
          value={account ? accountId : ANY}
          onChange={chooseAccount}
          choices={[
            ...(account ? [] : [{ value: ANY, label: words.chooseAccount }]),
            ...accounts.map(({ id, label }) => ({ value: id as string, label })),
          ]}
        />
        <ToolChoice
          key={accountId}
          placeholder={
            !account
              ? words.toolFirst
              : tools.data
                ? words.toolPlaceholder(tools.data.length)
                : tools.isError
                  ? ''
                  : words.toolLoading
          }
          tools={tools.data}
          onChange={chooseTool}
        />
      </div>
      {tools.error && (
        <Notice
          tone="bad"
          action={
            <Button size="small" onClick={() => void tools.refetch()}>
              {texts.words.retry}
            </Button>
          }
        >
          {failureOf(tools.error).message}
        </Notice>
      )}
      <Answer app={app} account={account} tool={tool} />
    </Card>
  );
}

function Answer({
  app,
  account,
  tool,
}: {
  app: AppSessions | undefined;
  account: AccountView | undefined;
  tool: ToolView | undefined;
}) {
  const snapshot = useSnapshot();
  const verdict = account && tool && verdictOf({ app, account, tool }, snapshot);
  return (
    <div role="status" className="verdict">
      {verdict ? (
        <Health tone={tones[verdict.kind]}>{verdict.text}</Health>
      ) : (
        <span className="muted small">{words.testFirst}</span>
      )}
    </div>
  );
}

const tones: Readonly<Record<Verdict['kind'], Tone>> = {
  goes: 'good',
  elsewhere: 'info',
  refused: 'bad',
  fails: 'warn',
};

/** The tools of the account with what the rules say of each now; asked for again when the rules change. */
function useTools(account: AccountView | undefined) {
  const control = useControl();
  const { settings } = useSnapshot();
  return useQuery({
    queryKey: ['tools', account?.id, account?.rules, settings.readOnly],
    queryFn: ({ signal }) => control.accounts.tools({ account: account?.id ?? '' }, { signal }),
    enabled: account !== undefined,
  });
}
