import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { type AccountRules, effectiveUser } from '#contract/account.ts';
import type { AccountView, ToolView } from '#contract/control.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Empty, Loading } from '../../components/page.tsx';
import { RowSwitch } from '../../components/row-switch.tsx';
import { failureOf } from '../../failure.ts';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useSaving } from '../settings/saving.ts';
import { isOn, type ToolFilter, toolsShown, withTool } from './tool-rules.ts';

const tones: Readonly<Record<ToolView['effect'], Tone>> = { reads: 'plain', writes: 'warn', destroys: 'bad' };
/** More are added by a button: some workspaces have thousands. */
const PAGE = 100;
/** The workspace itself is asked, which may take a while. */
const FRESH_MS = 60_000;

/** The workspace's tools, each with a switch. */
export function AccountTools({ account }: { account: AccountView }) {
  const words = texts.account;
  const control = useControl();
  // Another key, sign-in or member may see other tools; the rules change none.
  const key = ['tools', account.id, account.identity?.checkedAt, effectiveUser(account)?.value] as const;
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => control.accounts.tools({ account: account.id }, { signal }),
    placeholderData: (before) => before,
    staleTime: FRESH_MS,
    refetchOnWindowFocus: false,
  });
  const trouble = error && (
    <Notice
      tone="bad"
      action={
        <Button busy={isFetching} onClick={() => void refetch()}>
          {texts.words.retry}
        </Button>
      }
    >
      {failureOf(error).message}
    </Notice>
  );
  if (isPending) return <Loading lines={6} label={words.toolsLoading} />;
  if (!data) return trouble;
  return (
    <div className="stack">
      {trouble}
      {data.length === 0 ? (
        <Empty
          title={words.toolsNoneTitle}
          text={words.toolsNone}
          action={
            <Button busy={isFetching} onClick={() => void refetch()}>
              {texts.words.retry}
            </Button>
          }
        />
      ) : (
        <Tools account={account} tools={data} />
      )}
    </div>
  );
}

function Tools({ account, tools }: { account: AccountView; tools: readonly ToolView[] }) {
  const words = texts.account;
  const control = useControl();
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<ToolFilter>('all');
  const saving = useSaving<AccountRules>(account.rules, ({ allow = null, deny }) =>
    control.accounts.update({ account: account.id, rules: { allow: allow && [...allow], deny: [...deny] } }),
  );
  const rules = saving.shown;
  const wanted = useDeferredValue(search);
  const shown = useMemo(() => toolsShown(tools, rules, filter, wanted), [tools, rules, filter, wanted]);
  return (
    <>
      <p className="muted">{words.toolsLead}</p>
      {saving.failure && <Notice tone="bad">{saving.failure}</Notice>}
      {rules.allow && (
        <Notice
          tone="info"
          title={words.allowOnly}
          action={
            <Button onClick={() => void saving.save({ readOnly: rules.readOnly, deny: rules.deny })}>
              {words.allowAll}
            </Button>
          }
        >
          {words.allowOnlyText(rules.allow.length)}
        </Notice>
      )}
      <div className="row-fields">
        <TextField label={words.toolsFilter} value={search} onChange={setSearch} input={{ type: 'search' }} />
        <SelectField
          label={words.toolsShow}
          value={filter}
          onChange={setFilter}
          choices={[
            { value: 'all', label: words.toolsAll },
            { value: 'reading', label: words.toolsReading },
            { value: 'writing', label: words.toolsWriting },
            { value: 'off', label: words.toolsOff },
          ]}
        />
      </div>
      <p className="muted small" role="status">
        {shown.length === 0 ? words.toolsEmpty : words.toolsCount(shown.length, tools.length)}
      </p>
      <ToolList
        key={`${filter} ${wanted}`}
        tools={shown}
        rules={rules}
        onSwitch={(name, on) => void saving.save(withTool(rules, name, on))}
      />
    </>
  );
}

function ToolList({
  tools,
  rules,
  onSwitch,
}: {
  tools: readonly ToolView[];
  rules: AccountRules;
  onSwitch: (name: string, on: boolean) => void;
}) {
  const words = texts.account;
  const [most, setMost] = useState(PAGE);
  const list = useRef<HTMLUListElement>(null);
  if (tools.length === 0) return null;
  const more = (): void => {
    setMost(most + PAGE);
    // The button may be gone; the next tool is where one goes on.
    requestAnimationFrame(() => {
      const next = list.current?.children[most]?.querySelector<HTMLElement>('[role="switch"]');
      next?.focus();
    });
  };
  return (
    <>
      <ul ref={list} className="list">
        {tools.slice(0, most).map((tool) => (
          <ToolRow key={tool.name} tool={tool} rules={rules} onSwitch={onSwitch} />
        ))}
      </ul>
      {tools.length > most && (
        <div>
          <Button onClick={more}>{words.toolsMore(Math.min(PAGE, tools.length - most))}</Button>
        </div>
      )}
    </>
  );
}

function ToolRow({
  tool,
  rules,
  onSwitch,
}: {
  tool: ToolView;
  rules: AccountRules;
  onSwitch: (name: string, on: boolean) => void;
}) {
  const words = texts.account;
  const { name, title, description, effect } = tool;
  return (
    <li className="list-row tool-row">
      <div className="grow">
        <div className="row">
          <span className="code tool-name">{name}</span>
          <Badge tone={tones[effect]}>{texts.words.effect[effect]}</Badge>
        </div>
        {title && title !== name && <p className="small tool-name">{title}</p>}
        {description && <p className="muted small tool-text">{description}</p>}
        {rules.readOnly && effect !== 'reads' && <p className="small">{words.toolReadOnly}</p>}
      </div>
      <RowSwitch
        label={words.toolOnFor(name)}
        checked={isOn(name, rules)}
        onChange={(on) => onSwitch(name, on)}
      />
    </li>
  );
}
