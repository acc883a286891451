import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClientId } from '#contract/clients.ts';
import { type RealClient, type Room, startBare, type Target } from './client.ts';
import { startLoopbackModel } from './loopback-model.ts';
import type { Finished } from './programs.ts';

/** What an app runs in. */
export interface AppRoom extends Room {
  /** Where the model is. */
  readonly model: string;
}

/** An app that runs without an account, against a model on loopback. */
export interface RealApp {
  readonly client: ClientId;
  /** npm package with the version it was tried with. */
  readonly npm: string;
  /** Its settings file, as a path below the home folder. */
  readonly file: string;
  /**
   * What stands in it before Gangway, with a server of somebody else.
   * @param direct a server named gangway as a person would write it, for a run without Gangway.
   */
  before(room: AppRoom, direct?: Target): string;
  /** Has it call what the model wants. */
  call(room: AppRoom): Promise<Finished>;
}

const KEY = 'none';

/** Claude Code: HTTP first. It rewrites its settings file all the time. */
const claudeCode: RealApp = {
  client: 'claude-code',
  npm: '@anthropic-ai/claude-code@2.1.330',
  file: '.claude.json',
  before: (_room, direct) => {
    const mcpServers = {
      other: { type: 'stdio', command: 'true', args: [] },
      ...(direct && { gangway: { type: 'url' in direct ? 'http' : 'stdio', ...direct } }),
    };
    return `${JSON.stringify({ numStartups: 3, hasCompletedOnboarding: true, mcpServers }, null, 2)}\n`;
  },
  call: (room) =>
    startBare(
      room,
      'claude',
      ['-p', 'Call the tool.', '--allowedTools', 'mcp__gangway__echo', '--output-format', 'json'],
      {
        ANTHROPIC_BASE_URL: room.model,
        ANTHROPIC_API_KEY: KEY,
        ENABLE_TOOL_SEARCH: 'false',
        // `-p` asks its model with the tools of what is connected by then: so after five seconds, else after two.
        MCP_CONNECTION_NONBLOCKING: '0',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_TELEMETRY: '1',
      },
    ),
};

/** Gemini CLI: comments in its settings must survive. */
const gemini: RealApp = {
  client: 'gemini',
  npm: '@google/gemini-cli@0.61.0',
  file: '.gemini/settings.json',
  before: (_room, direct) =>
    [
      '{',
      '  // signs in with a key',
      '  "security": { "auth": { "selectedType": "gemini-api-key" } },',
      '  "mcpServers": {',
      ...(direct ? [`    "gangway": ${JSON.stringify(geminiServer(direct))},`] : []),
      '    "other": { "command": "true" } // somebody else’s',
      '  }',
      '}',
      '',
    ].join('\n'),
  call: (room) =>
    startBare(
      room,
      'gemini',
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
      { GOOGLE_GEMINI_BASE_URL: room.model, GEMINI_API_KEY: KEY, GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    ),
};

/** Codex: TOML with comments, and CRLF line ends. */
const codex: RealApp = {
  client: 'codex',
  npm: '@openai/codex@0.169.0',
  file: '.codex/config.toml',
  before: ({ model }, direct) =>
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
      ...(direct ? codexServer(direct) : []),
    ].join('\r\n'),
  call: (room) =>
    startBare(
      room,
      'codex',
      [
        'exec',
        '--json',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        'Call the tool.',
      ],
      { LOOPBACK_KEY: KEY },
    ),
};

/** OpenCode: JSON with comments and trailing commas. */
const openCode: RealApp = {
  client: 'opencode',
  npm: 'opencode-ai@1.18.33',
  file: '.config/opencode/opencode.jsonc',
  before: ({ model }, direct) =>
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
      ...(direct ? [`\t\t"gangway": ${JSON.stringify(openCodeServer(direct))},`] : []),
      '\t\t"other": { "type": "local", "command": ["true"], "enabled": false }, // somebody else’s',
      '\t},',
      '}',
      '',
    ].join('\n'),
  call: (room) =>
    startBare(room, 'opencode', ['run', '--model', 'loopback/scripted', 'Call the tool.'], {
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      OPENCODE_DISABLE_MODELS_FETCH: 'true',
    }),
};

export const realApps: readonly RealApp[] = [claudeCode, gemini, codex, openCode];

/** The apps as clients of the one table. */
export const appClients: readonly RealClient[] = realApps.map((app) => ({
  name: app.client,
  source: { npm: app.npm },
  doors: ['http', 'stdio'],
  reach: 'switch',
  setUpAs: app.client,
  talk: async (room, target, { texts, between }, connect) => {
    const calls = texts.map((text) => ({ tool: 'echo', args: { text } }));
    await using model = await startLoopbackModel(calls, between);
    const place = { ...room, model: model.origin };
    await writeBefore(app, place, connect ? undefined : target);
    await connect?.();
    const { code, stdout, stderr } = await app.call(place);
    const listed = model.offered().filter((name) => name.includes('gangway'));
    return {
      listed,
      heard: model.heard(),
      told: `exit code ${code}: ${stdout.slice(-200)}${stderr.slice(-200)}`,
    };
  },
}));

/** Writes the settings an app has before Gangway, or with a server of its own named gangway. */
export async function writeBefore(app: RealApp, room: AppRoom, direct?: Target): Promise<void> {
  const file = join(room.home, app.file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, app.before(room, direct));
}

function geminiServer(target: Target): object {
  return 'url' in target ? { httpUrl: target.url, headers: target.headers } : target;
}

function codexServer(target: Target): readonly string[] {
  const lines = Object.entries(target).filter(([key]) => key !== 'headers');
  return ['[mcp_servers.gangway]', ...lines.map(([key, value]) => `${key} = ${JSON.stringify(value)}`), ''];
}

function openCodeServer(target: Target): object {
  if ('url' in target) return { type: 'remote', ...target };
  return { type: 'local', command: [target.command, ...target.args] };
}
