import type { System } from '#bridge/clients/known/client.ts';
import type { ClientId } from '#contract/clients.ts';

interface Expected {
  readonly places: readonly string[];
  readonly signs: readonly string[];
}

/**
 * Where each client has its file, and what shows that it is there, on a computer on which nothing is there. `~` is the
 * home folder.
 */
export const expectedPlaces: Readonly<Record<ClientId, Readonly<Record<System['platform'], Expected>>>> = {
  'claude-desktop': {
    darwin: {
      places: ['~/Library/Application Support/Claude/claude_desktop_config.json'],
      signs: ['/Applications/Claude.app', '~/Library/Application Support/Claude'],
    },
    linux: { places: ['~/.config/Claude/claude_desktop_config.json'], signs: ['~/.config/Claude'] },
    win32: {
      places: ['%APPDATA%\\Claude\\claude_desktop_config.json'],
      signs: ['%LOCALAPPDATA%\\AnthropicClaude', '%APPDATA%\\Claude'],
    },
  },
  'claude-code': {
    darwin: { places: ['~/.claude.json'], signs: ['~/.claude.json', '~/.claude'] },
    linux: { places: ['~/.claude.json'], signs: ['~/.claude.json', '~/.claude'] },
    win32: { places: ['~\\.claude.json'], signs: ['~\\.claude.json', '~\\.claude'] },
  },
  cursor: {
    darwin: { places: ['~/.cursor/mcp.json'], signs: ['/Applications/Cursor.app', '~/.cursor'] },
    linux: { places: ['~/.cursor/mcp.json'], signs: ['~/.cursor'] },
    win32: { places: ['~\\.cursor\\mcp.json'], signs: ['~\\.cursor'] },
  },
  vscode: {
    darwin: {
      places: ['~/Library/Application Support/Code/User/mcp.json'],
      signs: ['/Applications/Visual Studio Code.app', '~/Library/Application Support/Code', '~/.vscode'],
    },
    linux: { places: ['~/.config/Code/User/mcp.json'], signs: ['~/.config/Code', '~/.vscode'] },
    win32: { places: ['%APPDATA%\\Code\\User\\mcp.json'], signs: ['%APPDATA%\\Code', '~\\.vscode'] },
  },
  'vscode-insiders': {
    darwin: {
      places: ['~/Library/Application Support/Code - Insiders/User/mcp.json'],
      signs: [
        '/Applications/Visual Studio Code - Insiders.app',
        '~/Library/Application Support/Code - Insiders',
        '~/.vscode-insiders',
      ],
    },
    linux: {
      places: ['~/.config/Code - Insiders/User/mcp.json'],
      signs: ['~/.config/Code - Insiders', '~/.vscode-insiders'],
    },
    win32: {
      places: ['%APPDATA%\\Code - Insiders\\User\\mcp.json'],
      signs: ['%APPDATA%\\Code - Insiders', '~\\.vscode-insiders'],
    },
  },
  windsurf: {
    darwin: {
      places: ['~/.codeium/windsurf/mcp_config.json'],
      signs: ['/Applications/Windsurf.app', '~/.codeium/windsurf'],
    },
    linux: { places: ['~/.codeium/windsurf/mcp_config.json'], signs: ['~/.codeium/windsurf'] },
    win32: { places: ['~\\.codeium\\windsurf\\mcp_config.json'], signs: ['~\\.codeium\\windsurf'] },
  },
  zed: {
    darwin: {
      places: ['~/.config/zed/settings.json'],
      signs: ['/Applications/Zed.app', '~/Library/Application Support/Zed', '~/.config/zed'],
    },
    linux: { places: ['~/.config/zed/settings.json'], signs: ['~/.config/zed'] },
    win32: { places: ['%APPDATA%\\Zed\\settings.json'], signs: ['%APPDATA%\\Zed'] },
  },
  codex: {
    darwin: { places: ['~/.codex/config.toml'], signs: ['~/.codex'] },
    linux: { places: ['~/.codex/config.toml'], signs: ['~/.codex'] },
    win32: { places: ['~\\.codex\\config.toml'], signs: ['~\\.codex'] },
  },
  gemini: {
    darwin: {
      places: ['~/.gemini/settings.json'],
      signs: ['~/.gemini/settings.json', '~/.gemini/oauth_creds.json', '~/.gemini/installation_id'],
    },
    linux: {
      places: ['~/.gemini/settings.json'],
      signs: ['~/.gemini/settings.json', '~/.gemini/oauth_creds.json', '~/.gemini/installation_id'],
    },
    win32: {
      places: ['~\\.gemini\\settings.json'],
      signs: ['~\\.gemini\\settings.json', '~\\.gemini\\oauth_creds.json', '~\\.gemini\\installation_id'],
    },
  },
  antigravity: {
    darwin: {
      places: ['~/.gemini/config/mcp_config.json'],
      signs: [
        '/Applications/Antigravity.app',
        '~/.gemini/antigravity',
        '~/.gemini/antigravity-cli',
        '~/.gemini/config/mcp_config.json',
      ],
    },
    linux: {
      places: ['~/.gemini/config/mcp_config.json'],
      signs: ['~/.gemini/antigravity', '~/.gemini/antigravity-cli', '~/.gemini/config/mcp_config.json'],
    },
    win32: {
      places: ['~\\.gemini\\config\\mcp_config.json'],
      signs: [
        '~\\.gemini\\antigravity',
        '~\\.gemini\\antigravity-cli',
        '~\\.gemini\\config\\mcp_config.json',
      ],
    },
  },
  cline: {
    darwin: {
      places: ['~/.cline/data/settings/cline_mcp_settings.json'],
      signs: ['~/.cline', '~/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev'],
    },
    linux: {
      places: ['~/.cline/data/settings/cline_mcp_settings.json'],
      signs: ['~/.cline', '~/.config/Code/User/globalStorage/saoudrizwan.claude-dev'],
    },
    win32: {
      places: ['~\\.cline\\data\\settings\\cline_mcp_settings.json'],
      signs: ['~\\.cline', '%APPDATA%\\Code\\User\\globalStorage\\saoudrizwan.claude-dev'],
    },
  },
  continue: {
    darwin: { places: ['~/.continue/config.yaml'], signs: ['~/.continue'] },
    linux: { places: ['~/.continue/config.yaml'], signs: ['~/.continue'] },
    win32: { places: ['~\\.continue\\config.yaml'], signs: ['~\\.continue'] },
  },
  goose: {
    darwin: { places: ['~/.config/goose/config.yaml'], signs: ['~/.config/goose'] },
    linux: { places: ['~/.config/goose/config.yaml'], signs: ['~/.config/goose'] },
    win32: {
      places: ['%APPDATA%\\Block\\goose\\config\\config.yaml'],
      signs: ['%APPDATA%\\Block\\goose\\config'],
    },
  },
  'lm-studio': {
    darwin: {
      places: ['~/.lmstudio/mcp.json'],
      signs: ['/Applications/LM Studio.app', '~/.lmstudio', '~/.cache/lm-studio'],
    },
    linux: { places: ['~/.lmstudio/mcp.json'], signs: ['~/.lmstudio', '~/.cache/lm-studio'] },
    win32: { places: ['~\\.lmstudio\\mcp.json'], signs: ['~\\.lmstudio', '~\\.cache\\lm-studio'] },
  },
  'copilot-cli': {
    darwin: {
      places: ['~/.copilot/mcp-config.json'],
      signs: ['~/.copilot/mcp-config.json', '~/.copilot/config.json', '~/.copilot/settings.json'],
    },
    linux: {
      places: ['~/.copilot/mcp-config.json'],
      signs: ['~/.copilot/mcp-config.json', '~/.copilot/config.json', '~/.copilot/settings.json'],
    },
    win32: {
      places: ['~\\.copilot\\mcp-config.json'],
      signs: ['~\\.copilot\\mcp-config.json', '~\\.copilot\\config.json', '~\\.copilot\\settings.json'],
    },
  },
  opencode: {
    darwin: {
      places: ['~/.config/opencode/opencode.json'],
      signs: ['~/.config/opencode', '~/.local/share/opencode'],
    },
    linux: {
      places: ['~/.config/opencode/opencode.json'],
      signs: ['~/.config/opencode', '~/.local/share/opencode'],
    },
    win32: {
      places: ['~\\.config\\opencode\\opencode.json'],
      signs: ['~\\.config\\opencode', '~\\.local\\share\\opencode'],
    },
  },
  kiro: {
    darwin: { places: ['~/.kiro/settings/mcp.json'], signs: ['/Applications/Kiro.app', '~/.kiro'] },
    linux: { places: ['~/.kiro/settings/mcp.json'], signs: ['~/.kiro'] },
    win32: { places: ['~\\.kiro\\settings\\mcp.json'], signs: ['~\\.kiro'] },
  },
  junie: {
    darwin: { places: [], signs: ['~/.junie'] },
    linux: { places: [], signs: ['~/.junie'] },
    win32: { places: [], signs: ['~\\.junie'] },
  },
  jetbrains: {
    darwin: { places: [], signs: ['~/Library/Application Support/JetBrains'] },
    linux: { places: [], signs: ['~/.config/JetBrains'] },
    win32: { places: [], signs: ['%APPDATA%\\JetBrains'] },
  },
  raycast: {
    darwin: {
      places: [],
      signs: ['/Applications/Raycast.app', '~/Library/Application Support/com.raycast.macos'],
    },
    linux: { places: [], signs: [] },
    win32: { places: [], signs: [] },
  },
};
