import type { SampleWorkspaces } from '../workspaces/start-all.ts';
import { type App, stdioApp } from './apps.ts';
import type { DemoGangway } from './gangway.ts';
import { loginByScript } from './scripted-login.ts';
import { check, dim, done, quote, say } from './story.ts';

/** The accounts that are signed in to, and what the person chooses for each on the consent page. */
const signIns = [
  { slug: 'pelcro-herald', choice: 'The Herald' },
  { slug: 'pelcro-gazette', choice: 'The Gazette' },
] as const;

/** Signs in to both Pelcro accounts, each with a browser that chooses the right one. */
export async function signInToBoth(bridge: DemoGangway, { pelcroOAuth }: SampleWorkspaces): Promise<void> {
  say('  The two of Pelcro have no key. A browser (a scripted one here) opens the sign-in page of each:');
  for (const { slug, choice } of signIns) {
    const { account, who } = await loginByScript(bridge, slug, choice);
    check(who === `${choice} (production)`, `${slug} is signed in as ${choice}`);
    check(account.state === 'ready', `${slug} is ready`);
    done(`gangway login ${slug}: the person chooses ${choice} on Pelcro's consent page`);
    quote(`signed in as ${who}, ${account.identity.tools} tools`);
  }
  const { requests } = pelcroOAuth;
  check(
    requests.tokens('authorization_code').length === signIns.length,
    'each sign-in got tokens of its own',
  );
  check(requests.of('registration').length === 1, 'Gangway registered itself once');
  say(
    `  ${dim('The code came back to a port of this computer; the tokens lie sealed in the vault, like the keys.')}`,
  );
}

/** Two apps, each pinned to another account on the same address, at work in turns. */
export async function sideBySide(
  bridge: DemoGangway,
  { pelcro }: SampleWorkspaces,
  editor: App,
): Promise<void> {
  await using terminal = await stdioApp(bridge.home, 'claude-code-like', ['pelcro-herald']);
  done(`a third app on stdio, pinned to Pelcro Herald; the address is ${pelcro.url} for both`);
  pelcro.requests.clear();
  const [herald, gazette] = await Promise.all([terminal.call('get_account'), editor.call('get_account')]);
  quote(`stdio, Herald   ${shown(herald)}`);
  quote(`HTTP, Gazette   ${shown(gazette)}`);
  check(/"herald"/.test(herald) && !/azette/.test(herald), 'the app on stdio works in Herald');
  check(/"gazette"/.test(gazette) && !/erald/.test(gazette), 'the app on HTTP works in Gazette');
  const [first, second] = await Promise.all([
    terminal.call('list_customers', { site_id: 'site_1', limit: 1 }),
    editor.call('list_customers', { site_id: 'site_9', limit: 1 }),
  ]);
  check(/reader1@herald\.example/.test(first), 'the app on stdio reads customers of Herald');
  check(/reader1@gazette\.example/.test(second), 'the app on HTTP reads customers of Gazette');
  const seen = pelcro.requests.calls().map(({ principal, tool }) => `${principal} ${tool}`);
  check(
    seen.toSorted().join() ===
      'gazette get_account,gazette list_customers,herald get_account,herald list_customers',
    'Pelcro saw each call with the token of its own account',
  );
  done('both read their own customers; at Pelcro, every call arrived with the token of its own account');
}

function shown(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

/** Signs out of one account; the other one does not notice. */
export async function signOut(
  bridge: DemoGangway,
  { pelcroOAuth }: SampleWorkspaces,
  editor: App,
): Promise<void> {
  const { revocation } = (await bridge.run(['logout', 'pelcro-gazette'])) as { revocation: string };
  const told = pelcroOAuth.requests.of('revocation');
  check(revocation === 'done', 'the sign-out was told');
  check(told.length > 0 && told.every(({ status }) => status === 200), 'the server took the tokens back');
  done(`gangway logout pelcro-gazette: the sign-in is forgotten here, and ${pelcroOAuth.issuer} was told`);
  const refusal = await editor.call('get_account').then(
    () => '',
    // This client writes the code before the message.
    (error: { message?: string }) => (error.message ?? '').replace(/^MCP error /, ''),
  );
  check(refusal.startsWith('-31001'), 'the app pinned to Gazette is told that a sign-in is needed');
  done('the app pinned to it is told so at once, and what to do:');
  quote(refusal);
  await using terminal = await stdioApp(bridge.home, 'claude-code-like', ['pelcro-herald']);
  check(/Herald/.test(await terminal.call('get_account')), 'Herald goes on');
  done(`Pelcro Herald goes on as before ${dim('(its sign-in was its own)')}`);
}
