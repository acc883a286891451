import type { ToolEffect, ToolView } from '../contract/control.ts';
import { type KnownTools, reads, type ToolAnnotations } from './rules.ts';

/** A tool of a workspace, as far as a person decides about it. */
export interface ShownTool {
  /** As the workspace wrote it. */
  readonly name: string;
  /** As it may be shown. */
  readonly shownName: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly annotations: ToolAnnotations & { readonly destructiveHint?: unknown };
}

/** From harmless to worst. */
const EFFECTS: readonly ToolEffect[] = ['reads', 'writes', 'destroys'];

/**
 * What a tool may do. A connector's list says what reads and what writes, whatever the workspace claims; that a tool
 * destroys something only the workspace knows, and it is believed of a tool that writes.
 */
export function effectOf(tool: Pick<ShownTool, 'name' | 'annotations'>, known: KnownTools): ToolEffect {
  if (reads(tool.name, known, tool.annotations)) return 'reads';
  return tool.annotations.destructiveHint === true ? 'destroys' : 'writes';
}

/**
 * The tools as a person sees them, by name. Names that look the same are one row, which says the worst of them.
 * @param isAllowed whether clients may call it now.
 */
export function toolViews<T extends ShownTool>(
  tools: readonly T[],
  known: KnownTools,
  isAllowed: (tool: T) => boolean,
): ToolView[] {
  const views = new Map<string, ToolView>();
  for (const tool of tools) {
    const { shownName: name, title, description } = tool;
    const view = { name, title, description, effect: effectOf(tool, known), allowed: isAllowed(tool) };
    const twin = views.get(name);
    views.set(name, twin ? worstOf(twin, view) : view);
  }
  return [...views.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function worstOf(one: ToolView, other: ToolView): ToolView {
  const worse = EFFECTS.indexOf(other.effect) > EFFECTS.indexOf(one.effect) ? other : one;
  return { ...worse, allowed: one.allowed || other.allowed };
}
