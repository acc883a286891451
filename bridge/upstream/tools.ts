import { oneLine } from '../base/text.ts';
import { connectAnyEra } from './any-era.ts';
import { Asking, recordOf, textOf } from './asking.ts';
import type { Eras } from './eras.ts';
import type { WorkspaceHttp } from './http.ts';
import type { Workspace } from './workspace.ts';

/** As many as the rules remember. */
const MOST_TOOLS = 5000;
/** MCP 2025-11-25 wants at most 128; no client can use a name that is much longer. */
const MOST_NAME = 1000;
const MOST_TITLE = 200;
const MOST_DESCRIPTION = 1000;

/** One tool as its workspace lists it. What no person and no rule looks at is let go while the list is read. */
export interface ListedTool {
  /** As the workspace wrote it, which is how rules compare it. */
  readonly name: string;
  /** The name, the title and the description are one line each, without secrets, as they may be shown. */
  readonly shownName: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint: boolean };
}

export interface AskToolsOptions {
  readonly workspace: Workspace;
  readonly http: WorkspaceHttp;
  readonly eras: Eras;
  /** Of Gangway. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * Asks a workspace for its tools, in a session of Gangway's own that is ended again. Of several tools with one name the
 * last counts, as it does for the rules.
 * @throws BridgeError when the workspace cannot be asked.
 */
export async function askTools(options: AskToolsOptions): Promise<ListedTool[]> {
  const { workspace, http, version, signal } = options;
  await using channel = connectAnyEra(workspace, http, options.eras);
  const asking = new Asking(channel, workspace, signal);
  const { hasTools } = await asking.greet(version);
  const found = new Map<string, ListedTool>();
  if (!hasTools) return [];
  for await (const page of asking.toolPages()) {
    for (const listed of page) {
      const tool = readTool(listed, (text) => workspace.withoutSecrets(text));
      if (tool && (found.size < MOST_TOOLS || found.has(tool.name))) found.set(tool.name, tool);
    }
    if (found.size >= MOST_TOOLS) break;
  }
  return [...found.values()];
}

/** What is of use in one element of a `tools/list`, whatever it is; undefined when no client could call it. */
export function readTool(listed: unknown, withoutSecrets: (text: string) => string): ListedTool | undefined {
  const { name, title, description, annotations } = recordOf(listed);
  if (typeof name !== 'string' || name.length > MOST_NAME) return undefined;
  // Once more after cleaning, which may join what was kept apart.
  const shown = (text: unknown, most: number): string =>
    withoutSecrets(oneLine(withoutSecrets(textOf(text) ?? ''), most));
  const hints = recordOf(annotations);
  return {
    name,
    // A plain name stays as it is, so that a rule made from what is shown means this tool.
    shownName: /^[\u0021-\u007e]([\u0020-\u007e]*[\u0021-\u007e])?$/.test(name)
      ? withoutSecrets(name)
      : shown(name, MOST_NAME) || '(no readable name)',
    title: shown(title, MOST_TITLE) || shown(hints.title, MOST_TITLE) || null,
    description: shown(description, MOST_DESCRIPTION) || null,
    annotations: {
      readOnlyHint: hints.readOnlyHint === true,
      destructiveHint: hints.destructiveHint === true,
    },
  };
}
