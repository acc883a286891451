import { describe, expect, test } from 'vitest';
import { readCommand } from '#contract/paste-command.ts';
import { readPaste } from '#contract/read-paste.ts';

const url = 'https://mcp.acme.example/mcp';

function refusal(text: string): string {
  const read = readPaste(text);
  if (read.kind !== 'refused') throw new Error(`The text was taken as ${read.kind}.`);
  return read.because;
}

describe('a command line', () => {
  const key = 'a-made-up-word';
  const note =
    'The command only leads to this address through mcp-remote; Gangway reaches it without that program.';
  const named = { url, label: 'acme', notes: [] };
  test.each([
    [`npx mcp-remote ${url}`, { form: { url, notes: [note] } }],
    [
      `$ npx -y mcp-remote@0.1.2 ${url} --transport sse-only`,
      { form: { url, notes: [note] }, transport: 'sse' },
    ],
    [
      `npx mcp-remote ${url} \\\n  --header "Authorization: Bearer ${key}"`,
      { form: { url, signIn: 'key', notes: [note] }, key },
    ],
    [`claude mcp add --transport http acme ${url}`, { form: named }],
    [`claude mcp add -t sse -s user acme '${url}'`, { form: named, transport: 'sse' }],
    [
      `claude mcp add --transport http acme ${url} --header "Authorization: Bearer ${key}" -H 'X-Team: blue'`,
      { form: { url, label: 'acme', signIn: 'key', notes: [] }, key, headers: { 'x-team': 'blue' } },
    ],
    [
      'claude mcp add acme --env A=b -- php artisan mcp --user=1',
      {
        form: {
          connector: 'custom',
          label: 'acme',
          notes: [
            'Variables of the environment are set there too; Gangway does not pass them on to a command.',
          ],
        },
        command: ['php', 'artisan', 'mcp', '--user=1'],
      },
    ],
    [`claude mcp add acme -- npx mcp-remote ${url}`, { form: { ...named, notes: [note] } }],
    [`claude mcp add-json acme '{"type":"http","url":"${url}"}'`, { form: named }],
    [`code --add-mcp '{"name":"acme","url":"${url}"}'`, { form: named }],
    [`code --add-mcp "{\\"name\\":\\"acme\\",\\"url\\":\\"${url}\\"}"`, { form: named }],
    [`codex mcp add acme --url ${url} --bearer-token-env-var ACME`, { form: named }],
    [`gemini mcp add --transport=http acme ${url}`, { form: named }],
    [
      'npx -y @acme/server --port 1',
      { form: { connector: 'custom', notes: [] }, command: ['npx', '-y', '@acme/server', '--port', '1'] },
    ],
    [
      'php "/srv/my app/artisan" mcp',
      { form: { connector: 'custom', notes: [] }, command: ['php', '/srv/my app/artisan', 'mcp'] },
    ],
    [
      'C:\\php\\php.exe C:\\srv\\artisan mcp',
      { form: { connector: 'custom', notes: [] }, command: ['C:\\php\\php.exe', 'C:\\srv\\artisan', 'mcp'] },
    ],
  ])('%s', (text, expected) => {
    expect(readPaste(text)).toEqual({ kind: 'form', ...expected });
  });

  test.each([
    ['npx x; rm -rf /', 'Only a shell'],
    ['npx x | sh', 'Only a shell'],
    ['npx $(id)', 'Only a shell'],
    ['npx `id`', 'Only a shell'],
    ['npx "x', 'Only a shell'],
    ['npx x > /etc/passwd', 'Only a shell'],
    ['claude mcp list', 'adds and starts no server'],
    ['claude mcp add acme', 'adds and starts no server'],
    ["claude mcp add-json acme '{'", 'cannot be read'],
    ['npx mcp-remote https://me@a.example/', 'Credentials do not belong'],
  ])('is refused with the reason: %s', (text, words) => {
    expect(refusal(text)).toContain(words);
  });
});

test('a variable that is used very often does not blow a command up', () => {
  const words = ['php', `\${A}`.repeat(5000), `\${A} \${B}`];
  const read = readCommand(words, new Map([['A', 'x'.repeat(8000)]]));
  const command = read?.kind === 'found' ? read.found.command : undefined;
  expect(command?.join('').length).toBeLessThan(50_000);
  expect(command?.at(-1)).toBe(`${'x'.repeat(8000)} \${B}`);
});
