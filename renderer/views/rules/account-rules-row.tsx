import { Check, ChevronDown } from 'lucide-react';
import { Link } from 'wouter';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Badge, ColorDot } from '../../components/badge.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Menu } from '../../components/menu.tsx';
import { RowSwitch } from '../../components/row-switch.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useSaving } from '../settings/saving.ts';
import { backTo, changeTo, isAt, type Preset, presets, ruleText } from './rule-text.ts';

const words = texts.rules;

/** The rules of one account: in words, and what changes them. */
export function AccountRulesRow({ account }: { account: AccountView }) {
  const control = useControl();
  const { settings } = useSnapshot();
  const { id, label, rules } = account;
  const readOnly = useSaving(rules.readOnly, (on) =>
    control.accounts.update({ account: id, rules: { readOnly: on } }),
  );
  const preset = usePreset(account);
  return (
    <li className="list-row rules-row">
      <ColorDot color={account.color} />
      <div className="grow rules-text">
        <div className="row">
          <Link to={`/accounts/${id}`} className="account-name">
            {label}
          </Link>
          {account.environment !== 'production' && (
            <Badge tone="warn">{texts.words.environment[account.environment]}</Badge>
          )}
        </div>
        <p className="small">{ruleText({ ...rules, readOnly: readOnly.shown }, settings.readOnly)}</p>
        {readOnly.failure && (
          <p className="field-error" role="alert">
            {readOnly.failure}
          </p>
        )}
      </div>
      <div className="rules-actions">
        <span className="rules-switch small">
          <span aria-hidden="true">{words.readOnlyShort}</span>
          <RowSwitch
            label={words.readOnlyFor(label)}
            checked={readOnly.shown}
            onChange={(on) => void readOnly.save(on)}
          />
        </span>
        <Menu
          trigger={
            <Button size="small" busy={preset.isRunning} aria-label={words.presetsOf(label)}>
              {words.presets}
              <ChevronDown aria-hidden="true" size={14} />
            </Button>
          }
          lines={presets.map((one) => ({
            key: one,
            label: words.preset[one],
            icon: isAt(one, rules) && <Check size={16} />,
            onClick: () => void preset.run(one),
          }))}
        />
        <ButtonLink kind="quiet" size="small" to={`/accounts/${id}/tools`}>
          {words.tools}
          <span className="visually-hidden">{words.toolsOf(label)}</span>
        </ButtonLink>
      </div>
    </li>
  );
}

/** Changes the rules as a preset says, and offers the former ones for ten seconds. */
function usePreset({ id, label, rules }: AccountView) {
  const control = useControl();
  const toasts = useToasts();
  const undo = useAction(async () => {
    await control.accounts.update({ account: id, rules: backTo(rules) });
    toasts.said(words.undone(label));
  });
  return useAction(async (preset: Preset) => {
    const asks = preset === 'listed' && rules.allow === undefined;
    const tools = asks ? (await control.accounts.tools({ account: id })).map(({ name }) => name) : [];
    const change = changeTo(preset, rules, tools);
    await control.accounts.update({ account: id, rules: change });
    toasts.said(
      words.presetSaid[preset](label),
      preset === 'listed' ? words.listedText(change.allow?.length ?? 0) : undefined,
      { label: texts.words.undo, onClick: () => void undo.run() },
    );
  });
}
