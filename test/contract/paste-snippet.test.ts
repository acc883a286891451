import { describe, expect, test } from 'vitest';
import { readPaste } from '#contract/read-paste.ts';
import { canary } from '../canary/canary.ts';

const url = 'https://mcp.acme.example/mcp';

function refusal(text: string): string {
  const read = readPaste(text);
  if (read.kind !== 'refused') throw new Error(`The text was taken as ${read.kind}.`);
  return read.because;
}

describe('a snippet of a settings file', () => {
  const entry = { type: 'http', url };
  test.each([
    ['of Claude Desktop or Cursor', { mcpServers: { acme: entry } }, 'acme'],
    ['of VS Code', { servers: { acme: entry }, inputs: [] }, 'acme'],
    ['of VS Code settings', { 'editor.tabSize': 2, mcp: { servers: { acme: entry } } }, 'acme'],
    ['of Windsurf', { mcpServers: { acme: { serverUrl: url } } }, 'acme'],
    ['of Gemini CLI', { theme: 'dark', mcpServers: { acme: { httpUrl: url, timeout: 5000 } } }, 'acme'],
    ['of Zed', { context_servers: { acme: { url } } }, 'acme'],
    ['of opencode', { mcp: { acme: { type: 'remote', url, enabled: true } } }, 'acme'],
    ['one entry with its name', { acme: entry }, 'acme'],
    ['one entry that says its name', { name: 'acme', ...entry }, 'acme'],
    ['one entry', entry, undefined],
  ])('%s', (_what, snippet, label) => {
    const form = { url, ...(label ? { label } : {}), notes: [] };
    expect(readPaste(JSON.stringify(snippet))).toEqual({ kind: 'form', form });
    expect(readPaste(JSON.stringify(snippet, null, 2))).toEqual({ kind: 'form', form });
  });

  test('one line of it, with its comma, in a code block', () => {
    expect(readPaste(`"acme": { "url": "${url}" },`)).toMatchObject({
      kind: 'form',
      form: { url, label: 'acme' },
    });
    expect(readPaste(`\`\`\`json\n{"url":"${url}"}\n\`\`\``)).toMatchObject({ kind: 'form', form: { url } });
  });

  test('with comments and commas too many', () => {
    expect(readPaste(`{ // ours\n "mcpServers": { "acme": { "url": "${url}", }, }, }`)).toMatchObject({
      form: { url, label: 'acme' },
    });
  });

  test('its key goes into the field for keys, without the word Bearer', () => {
    const key = canary('bearer');
    const read = readPaste(
      JSON.stringify({ acme: { url, headers: { Authorization: `Bearer ${key}`, 'X-Team': 'a b' } } }),
    );
    expect(read).toEqual({
      kind: 'form',
      form: { url, label: 'acme', signIn: 'key', notes: [] },
      key,
      headers: { 'x-team': 'a b' },
    });
  });

  test('a key in a header of its own says which', () => {
    const key = canary('allv');
    const headers = { 'x-api-key': key, 'x-allv-user-email': 'me@acme.example', Accept: 'application/json' };
    expect(readPaste(JSON.stringify({ url, headers }))).toEqual({
      kind: 'form',
      form: { url, user: 'me@acme.example', signIn: 'key', notes: [] },
      key,
      keyHeader: 'x-api-key',
    });
  });

  test('a credential that is no bearer token keeps its whole header', () => {
    const secret = canary('generic');
    expect(readPaste(JSON.stringify({ url, headers: { Authorization: `Basic ${secret}` } }))).toEqual({
      kind: 'form',
      form: { url, notes: [] },
      headers: { authorization: `Basic ${secret}` },
    });
  });

  test.each([
    `Bearer \${input:key}`,
    'Bearer <YOUR_TOKEN>',
    'Bearer YOUR_API_KEY',
    '$TOKEN',
    'Bearer',
    'Bearer ...',
    'Bearer xxxx',
  ])('a placeholder is no key: %s', (Authorization) => {
    expect(readPaste(JSON.stringify({ url, headers: { Authorization } }))).toEqual({
      kind: 'form',
      form: {
        url,
        signIn: 'key',
        notes: ['In place of the key stands a placeholder. Enter the key itself.'],
      },
    });
  });

  test.each<[what: string, entry: object, expected: object]>([
    ['of Continue', { requestOptions: { headers: { 'X-Team': 'blue' } } }, { headers: { 'x-team': 'blue' } }],
    ['of Codex', { http_headers: { 'X-Team': 'blue' } }, { headers: { 'x-team': 'blue' } }],
    ['of Continue, as a key', { apiKey: 'a-made-up-word' }, { key: 'a-made-up-word' }],
  ])('headers are found where a client keeps them: %s', (_what, entry, expected) => {
    expect(readPaste(JSON.stringify({ url, ...entry }))).toMatchObject({ kind: 'form', ...expected });
  });

  test.each<[what: string, entry: object]>([
    ['for Codex', { bearer_token_env_var: 'ACME_KEY' }],
    ['for Codex, in a header', { env_http_headers: { 'x-api-key': 'ACME_KEY' } }],
    ['for OpenCode', { headers: { Authorization: 'Bearer {env:ACME_KEY}' } }],
  ])('a variable stands in place of the key, which is asked for: %s', (_what, entry) => {
    const read = readPaste(JSON.stringify({ url, ...entry }));
    expect(read).toMatchObject({ form: { signIn: 'key', notes: [expect.stringContaining('placeholder')] } });
    expect(read).not.toHaveProperty('key');
  });

  test.each<[what: string, entry: object]>([
    [
      'Goose',
      { cmd: 'npx', args: ['mcp-remote', url, '--header', `X-Team: \${TEAM}`], envs: { TEAM: 'blue' } },
    ],
    [
      'OpenCode',
      {
        type: 'local',
        command: ['npx', 'mcp-remote', url, '--header', `X-Team:\${TEAM}`],
        environment: { TEAM: 'blue' },
      },
    ],
  ])('a command is found where a client keeps it: %s', (_what, entry) => {
    expect(readPaste(JSON.stringify(entry))).toMatchObject({ form: { url }, headers: { 'x-team': 'blue' } });
  });

  test('HTTP+SSE stays HTTP+SSE', () => {
    expect(readPaste(JSON.stringify({ type: 'sse', url }))).toMatchObject({
      transport: 'sse',
      form: { url },
    });
  });

  test('a local command is shown whole, as a command', () => {
    const read = readPaste(
      JSON.stringify({
        acme: { command: 'php', args: ['artisan', 'mcp', '--inspect=0.0.0.0:1', '; id'], env: { A: 'b' } },
      }),
    );
    expect(read).toEqual({
      kind: 'form',
      form: {
        connector: 'custom',
        label: 'acme',
        notes: [
          'Variables of the environment are set there too; Gangway does not pass them on to a command.',
        ],
      },
      command: ['php', 'artisan', 'mcp', '--inspect=0.0.0.0:1', '; id'],
    });
  });

  test('a command with a key in it says what that means', () => {
    const read = readPaste(
      JSON.stringify({ command: 'php', args: ['artisan', `--token=${canary('allv')}`] }),
    );
    expect(read).toMatchObject({ form: { notes: [expect.stringContaining('looks like a key')] } });
  });

  test('mcp-remote is only a way to an address, with the key it was given', () => {
    const key = canary('bearer');
    const note =
      'The command only leads to this address through mcp-remote; Gangway reaches it without that program.';
    const expected = { kind: 'form', form: { url, label: 'acme', signIn: 'key', notes: [note] }, key };
    const remote = ['mcp-remote@latest', url, '3334', '--header', `Authorization:\${AUTH}`, '--allow-http'];
    const env = { AUTH: `Bearer ${key}` };
    for (const acme of [
      { command: 'npx', args: ['-y', ...remote], env },
      { command: 'cmd', args: ['/c', 'npx', '-y', ...remote], env },
      { command: 'C:\\Program Files\\nodejs\\npx.cmd', args: remote, env },
      { command: 'node', args: ['/opt/node_modules/mcp-remote/dist/proxy.js', ...remote.slice(1)], env },
    ]) {
      expect(readPaste(JSON.stringify({ mcpServers: { acme } }))).toEqual(expected);
    }
  });

  test.each([
    ['a value is missing', '{"mcpServers": {"acme": {"url": }}}', 'line 1, column 33, a value was expected'],
    ['a comma is missing', '{\n  "url": "x"\n  "b": 1\n}', 'line 3, column 3, a comma or } was expected'],
    [
      'a colon is missing in one line of it',
      '"acme": {"url" "x"}',
      'line 1, column 16, a colon was expected',
    ],
    ['it is empty', '{}', 'holds no server'],
    ['it is a list', '[1]', 'holds no server'],
    ['its list is empty', '{"mcpServers":{}}', 'holds no server'],
    [
      'it holds two servers',
      '{"a":{"url":"https://a.example"},"b":{"command":"x"}}',
      'holds 2 servers: a, b.',
    ],
    ['an argument is a number', '{"command":"x","args":[1]}', 'no list of words'],
    ['its command is empty', '{"command":["",""]}', 'no address and no command'],
    ['its address is a file', '{"url":"file:///etc/passwd"}', 'must begin with https://'],
    [
      'a header has a blank in its name',
      '{"url":"https://a.example","headers":{"a b":"c"}}',
      'no proper name',
    ],
    [
      'a header has a line break',
      '{"url":"https://a.example","headers":{"x-a":"c\\r\\nd"}}',
      'invisible characters',
    ],
    [
      'a header is too long',
      `{"url":"https://a.example","headers":{"x-a":"${'c'.repeat(9000)}"}}`,
      'longer than 8 KB',
    ],
    [
      'it has 101 arguments',
      JSON.stringify({ command: 'x', args: Array(101).fill('y') }),
      'at most 100 arguments',
    ],
    ['an argument hides something', '{"command":"x","args":["a\\u202eb"]}', 'invisible characters'],
    ['it is too long', `{"a":"${'x'.repeat(65_536)}"}`, 'longer than 64 KB'],
  ])('is refused when %s', (_when, text, words) => {
    const because = refusal(text);
    expect(because).toContain(words);
    expect(because.length).toBeLessThanOrEqual(300);
  });

  test('names that would hide something are shown plainly', () => {
    expect(readPaste(JSON.stringify({ 'a\u202eb\u0000c': { url } }))).toMatchObject({
      form: { label: 'a b c' },
    });
    expect(readPaste(JSON.stringify({ ['x'.repeat(500)]: { url } }))).toMatchObject({
      form: { label: 'x'.repeat(80) },
    });
  });
});
