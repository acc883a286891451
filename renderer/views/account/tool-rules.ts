import type { AccountRules } from '#contract/account.ts';
import type { ToolView } from '#contract/control.ts';

export type ToolFilter = 'all' | 'reading' | 'writing' | 'off';

/** The tools that fit filter and search; the search looks at names and descriptions. */
export function toolsShown(
  tools: readonly ToolView[],
  rules: AccountRules,
  filter: ToolFilter,
  search: string,
): ToolView[] {
  const wanted = search.trim().toLowerCase();
  return tools.filter((tool) => {
    if (!`${tool.name} ${tool.title ?? ''} ${tool.description ?? ''}`.toLowerCase().includes(wanted))
      return false;
    switch (filter) {
      case 'all':
        return true;
      case 'reading':
        return tool.effect === 'reads';
      case 'writing':
        return tool.effect !== 'reads';
      case 'off':
        return !isOn(tool.name, rules);
      default:
        return filter satisfies never;
    }
  });
}

/** Whether the lists let apps use it; a read-only account hides it besides. */
export function isOn(name: string, { allow, deny }: Pick<AccountRules, 'allow' | 'deny'>): boolean {
  return !deny.includes(name) && (allow === undefined || allow.includes(name));
}

/** The rules after one tool was switched; the allow list stays a list when there is one. */
export function withTool({ readOnly, allow, deny }: AccountRules, name: string, on: boolean): AccountRules {
  const others = deny.filter((denied) => denied !== name);
  if (!on) {
    const kept = allow?.filter((allowed) => allowed !== name);
    return { readOnly, deny: [...others, name], ...(kept && { allow: kept }) };
  }
  const listed = allow?.includes(name) ? allow : allow && [...allow, name];
  return { readOnly, deny: others, ...(listed && { allow: listed }) };
}
