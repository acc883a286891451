import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClientId } from '#contract/clients.ts';
import { type Finished, run } from './programs.ts';

/** What an app runs in. */
export interface AppRoom {
  /** The home folder of the person, of this run's own. */
  readonly home: string;
  /** An empty folder to work in. */
  readonly project: string;
  /** Where the model is. */
  readonly model: string;
  readonly path: string;
  /** The file of a program that npm installed. */
  bin(name: string): string;
}

/** An app that runs without an account, against a model on loopback. */
export interface RealApp {
  readonly client: ClientId;
  /** npm package with the version it was tried with. */
  readonly npm: string;
  /** Its settings before Gangway: path below the home folder, and what stands there, with a server of somebody else. */
  readonly file: string;
  before(room: AppRoom): string;
  /** Has it call the one tool that the model wants. */
  call(room: AppRoom, tool: string): Promise<Finished>;
}

const MINUTE = 60_000;
const KEY = 'none';

/** Claude Code: HTTP first. It rewrites its settings file all the time. */
const claudeCode: RealApp = {
  client: 'claude-code',
  npm: '@anthropic-ai/claude-code@2.1.330',
  file: '.claude.json',
  before: () =>
    `${JSON.stringify({ numStartups: 3, hasCompletedOnboarding: true, mcpServers: { other: { type: 'stdio', command: 'true', args: [] } } }, null, 2)}\n`,
  call: (room, tool) =>
    run(
      room.bin('claude'),
      ['-p', 'Call the tool.', '--allowedTools', `mcp__gangway__${tool}`, '--output-format', 'json'],
      {
        env: {
          ...bare(room),
          ANTHROPIC_BASE_URL: room.model,
          ANTHROPIC_API_KEY: KEY,
          ENABLE_TOOL_SEARCH: 'false',
          // `-p` asks its model with the tools of what is connected by then: so after five seconds, else after two.
          MCP_CONNECTION_NONBLOCKING: '0',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          DISABLE_AUTOUPDATER: '1',
          DISABLE_TELEMETRY: '1',
        },
        cwd: room.project,
        timeout: MINUTE,
      },
    ),
};

/** Gemini CLI: comments in its settings must survive. */
const gemini: RealApp = {
  client: 'gemini',
  npm: '@google/gemini-cli@0.61.0',
  file: '.gemini/settings.json',
  before: () =>
    [
      '{',
      '  // signs in with a key',
      '  "security": { "auth": { "selectedType": "gemini-api-key" } },',
      '  "mcpServers": {',
      '    "other": { "command": "true" } // somebody else’s',
      '  }',
      '}',
      '',
    ].join('\n'),
  call: (room) =>
    run(
      room.bin('gemini'),
      [
        '-m',
        'gemini-2.5-flash',
        '-p',
        'Call the tool.',
        '--approval-mode',
        'yolo',
        '--output-format',
        'json',
      ],
      {
        env: {
          ...bare(room),
          GOOGLE_GEMINI_BASE_URL: room.model,
          GEMINI_API_KEY: KEY,
          GEMINI_CLI_TRUST_WORKSPACE: 'true',
        },
        cwd: room.project,
        timeout: MINUTE,
      },
    ),
};

/** Codex: TOML with comments, and CRLF line ends. */
const codex: RealApp = {
  client: 'codex',
  npm: '@openai/codex@0.169.0',
  file: '.codex/config.toml',
  before: ({ model }) =>
    [
      '# My settings',
      'model = "scripted"',
      'model_provider = "loopback"',
      'check_for_update_on_startup = false',
      '',
      '[model_providers.loopback]',
      'name = "loopback"',
      `base_url = "${model}/v1"`,
      'wire_api = "responses"',
      'env_key = "LOOPBACK_KEY"',
      '',
      '[mcp_servers.other] # somebody else’s',
      'command = "true"',
      'enabled = false',
      '',
    ].join('\r\n'),
  call: (room) =>
    run(
      room.bin('codex'),
      [
        'exec',
        '--json',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        'Call the tool.',
      ],
      { env: { ...bare(room), LOOPBACK_KEY: KEY }, cwd: room.project, timeout: MINUTE },
    ),
};

/** OpenCode: JSON with comments and trailing commas. */
const openCode: RealApp = {
  client: 'opencode',
  npm: 'opencode-ai@1.18.33',
  file: '.config/opencode/opencode.jsonc',
  before: ({ model }) =>
    [
      '{',
      '\t"$schema": "https://opencode.ai/config.json",',
      '\t"autoupdate": false,',
      '\t"share": "disabled",',
      '\t"model": "loopback/scripted",',
      '\t/* the model on this computer */',
      '\t"provider": {',
      '\t\t"loopback": {',
      '\t\t\t"npm": "@ai-sdk/openai-compatible",',
      `\t\t\t"options": { "baseURL": "${model}/v1", "apiKey": "${KEY}" },`,
      '\t\t\t"models": { "scripted": { "name": "Scripted" } },',
      '\t\t},',
      '\t},',
      '\t"mcp": {',
      '\t\t"other": { "type": "local", "command": ["true"], "enabled": false }, // somebody else’s',
      '\t},',
      '}',
      '',
    ].join('\n'),
  call: (room) =>
    run(room.bin('opencode'), ['run', '--model', 'loopback/scripted', 'Call the tool.'], {
      env: { ...bare(room), OPENCODE_DISABLE_AUTOUPDATE: 'true', OPENCODE_DISABLE_MODELS_FETCH: 'true' },
      cwd: room.project,
      timeout: 2 * MINUTE,
    }),
};

export const realApps: readonly RealApp[] = [claudeCode, gemini, codex, openCode];

/** Writes the settings an app has before Gangway. */
export async function writeBefore(app: RealApp, room: AppRoom): Promise<void> {
  const file = join(room.home, app.file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, app.before(room));
}

/** Nothing of this computer's own settings. */
function bare({ home, path }: AppRoom): Record<string, string> {
  return { PATH: path, HOME: home, USERPROFILE: home, TERM: 'dumb', NO_COLOR: '1' };
}
