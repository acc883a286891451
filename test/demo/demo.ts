import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type SampleWorkspaces, startAll } from '../workspaces/start-all.ts';
import { type App, httpApp, stdioApp } from './apps.ts';
import { bothEras } from './eras.ts';
import { type DemoGangway, shim, startGangway } from './gangway.ts';
import { sideBySide, signInToBoth, signOut } from './sign-in.ts';
import { amber, bold, check, dim, done, heading, quote, say } from './story.ts';

const CHAPTERS = 10;

const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });

await using stack = new AsyncDisposableStack();
say(bold('Gangway: one bridge between the AI apps on your computer and the workspaces you work in.'));
say(
  dim(
    'Everything here runs on this computer: sample workspaces, the real bridge, real MCP clients. No account needed.',
  ),
);

heading('Start six sample workspaces and the bridge', CHAPTERS);
const samples = stack.use(await startAll());
done('Allegro (tenant acme), Pelcro, allv, Aly, Borealis and Meridian listen on 127.0.0.1');
const gangway = stack.use(await startGangway());
done(`the bridge runs, with its data in ${gangway.home}`);

heading('Add eight accounts', CHAPTERS);
await addAccounts(gangway, samples);
await signInToBoth(gangway, samples);

heading('Connect two apps', CHAPTERS);
const desk = stack.use(await stdioApp(gangway.home, 'claude-desktop-like'));
done('an app on stdio, through the shim (as Claude Desktop does)');
const endpoint = (await gangway.run(['endpoint', 'pelcro-gazette', '--client', 'Editor'])) as Endpoint;
const editor = stack.use(await httpApp(endpoint.url, endpoint.headers));
done('an app on HTTP, pinned to Pelcro Gazette (as Cursor does), with a local token of its own');

heading('Work in the right workspace as the right user', CHAPTERS);
await work(desk, editor);

heading('Switch the account while the apps stay connected', CHAPTERS);
await switchAccounts(gangway, desk, editor);

heading('Work in two accounts on one address, side by side', CHAPTERS);
await sideBySide(gangway, samples, editor);

heading('Speak two generations of MCP, in every combination', CHAPTERS);
await bothEras(gangway, samples);

heading('Act as another member, and draw a line', CHAPTERS);
await actAsAndRules(gangway, samples, desk);

heading('Sign out of one account', CHAPTERS);
await signOut(gangway, samples, editor);

heading('See what happened', CHAPTERS);
await showActivity(gangway);

say();
say(bold('That is the whole journey. Point your own apps at it:'));
if (options.keep) {
  // What is set up by `connect` would lead to a home that is about to be removed, so these are copied by hand.
  const homeArguments = ['--home', gangway.home];
  say();
  say('  Claude Desktop, in claude_desktop_config.json under "mcpServers":');
  quote(JSON.stringify({ gangway: { command: process.execPath, args: [shim, ...homeArguments] } }, null, 2));
  say('  Apps that speak HTTP, with the address and header that this prints:');
  quote(`npm run --silent gangway -- ${[...homeArguments, 'endpoint', '--client', 'Cursor'].join(' ')}`);
} else {
  say();
  say('  First host the bridge, and add an account of your own in a second terminal:');
  quote('npm run --silent gangway -- serve\nnpm run --silent gangway -- add --help');
  say('  Then see which apps are on this computer, and connect one; --preview only shows the change:');
  quote('npm run --silent gangway -- clients\nnpm run --silent gangway -- connect cursor --preview');
}
if (options.keep) {
  say();
  say(amber('Running until you press Ctrl-C. Everything is removed then.'));
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} else {
  say();
  say(
    dim(
      'The demo removes its accounts now. `npm run demo -- --keep` leaves everything running to try by hand.',
    ),
  );
}

interface Endpoint {
  readonly url: string;
  readonly headers: Record<string, string>;
}

async function addAccounts(
  bridge: DemoGangway,
  { acme, pelcro, allv, aly, borealis, meridian, keys }: SampleWorkspaces,
): Promise<void> {
  const rows: { label: string; connector: string; url: string; key?: string; user?: string }[] = [
    { label: 'Allegro Acme', connector: 'allegro', url: acme.url, key: keys.acmeMember },
    { label: 'Pelcro Herald', connector: 'pelcro', url: pelcro.url },
    { label: 'Pelcro Gazette', connector: 'pelcro', url: pelcro.url },
    { label: 'allv Ines', connector: 'allv', url: allv.url, key: keys.allv, user: 'ines@example.com' },
    { label: 'allv Otto', connector: 'allv', url: allv.url, key: keys.allv, user: 'otto@example.com' },
    { label: 'Aly', connector: 'aly', url: aly.url, key: keys.alyOwner },
    { label: 'Borealis', connector: 'custom', url: borealis.url, key: keys.borealis },
    { label: 'Meridian', connector: 'custom', url: meridian.url, key: keys.meridian },
  ];
  for (const { label, connector, url, key, user } of rows) {
    const as = user === undefined ? [] : ['--user', user];
    const withKey = key === undefined ? [] : ['--key-stdin'];
    const added = (await bridge.run(
      ['add', connector, '--label', label, '--url', url, '--environment', 'production', ...withKey, ...as],
      key,
    )) as {
      account: { slug: string; state: string; identity?: { summary: string; tools: number } };
    };
    const { slug, state, identity } = added.account;
    check(state === (key === undefined ? 'sign-in-needed' : 'ready'), `${slug} is as it should be`);
    const found = identity ? `${identity.summary}, ${identity.tools} tools` : 'sign-in needed';
    done(`${label.padEnd(15)} ${dim(`${slug}: ${found}`)}`);
  }
  say(
    `  ${dim('The keys went in by stdin and lie sealed in the vault; no config file, argument or log holds one.')}`,
  );
}

async function work(deskApp: App, editorApp: App): Promise<void> {
  const tools = await deskApp.tools();
  check(tools.includes('search-audience-members'), 'the app on stdio sees Allegro');
  done(`the app on stdio sees the ${tools.length} tools of the current account, Allegro Acme`);
  const found = await deskApp.call('search-audience-members', {});
  done('it searches audience members:');
  quote(`${found.slice(0, 130)} …`);
  const account = await editorApp.call('get_account');
  check(/Gazette/.test(account), 'the pinned app works in Gazette');
  done('the app on HTTP asks Pelcro which account it is in:');
  quote(inOneLine(account));
}

async function switchAccounts(bridge: DemoGangway, deskApp: App, editorApp: App): Promise<void> {
  const told = deskApp.toolsChanged();
  await bridge.run(['use', 'pelcro-herald']);
  await told;
  done('gangway use pelcro-herald: the app on stdio was told that its tools changed');
  const tools = await deskApp.tools();
  check(tools.length > 90, 'the app on stdio sees Pelcro now');
  const herald = await deskApp.call('get_account');
  check(/Herald/.test(herald), 'the app on stdio works in Herald now');
  done(`it sees ${tools.length} tools now, and asks which account it is in:`);
  quote(inOneLine(herald));
  const gazette = await editorApp.call('get_account');
  check(/Gazette/.test(gazette), 'the pinned app stayed in Gazette');
  done('the pinned app still works in Gazette');
}

async function actAsAndRules(bridge: DemoGangway, { allv }: SampleWorkspaces, deskApp: App): Promise<void> {
  await bridge.run(['use', 'allv-ines']);
  const asInes = await deskApp.call('workspace.whoami');
  check(/ines@example\.com/.test(asInes), 'allv runs the call as Ines');
  done('gangway use allv-ines: calls run as ines@example.com');
  const told = deskApp.toolsChanged();
  await bridge.run(['as', 'allv-ines', 'otto@example.com']);
  await told;
  const asOtto = await deskApp.call('workspace.whoami');
  check(/otto@example\.com/.test(asOtto), 'allv runs the call as Otto');
  done('gangway as allv-ines otto@example.com: the same app now acts as Otto');
  await bridge.run(['as', 'allv-ines', '--self']);
  await bridge.run(['update', 'allv-ines', '--read-only']);
  const before = allv.requests.calls('agent.update_memory').length;
  const refusal = await deskApp.call('agent.update_memory', { key: 'note', value: 'x' }).then(
    () => '',
    (error: { code?: number; message?: string }) => `${error.code}: ${error.message}`,
  );
  check(refusal.includes('-31014'), 'a write on a read-only account is refused');
  check(allv.requests.calls('agent.update_memory').length === before, 'the refused call never reached allv');
  done('gangway update allv-ines --read-only: a write is refused before it leaves this computer:');
  quote(refusal);
}

async function showActivity(bridge: DemoGangway): Promise<void> {
  const entries = (await bridge.run(['log', '--limit', '20'])) as {
    accountLabel: string | null;
    client: string;
    method: string;
    target: string | null;
    outcome: string;
    user: string | null;
    durationMs: number;
  }[];
  check(
    entries.some(({ outcome }) => outcome === 'blocked'),
    'the refused call is in the log',
  );
  for (const { client, accountLabel, method, target, outcome, user, durationMs } of entries.toReversed()) {
    const mark = outcome === 'ok' ? '✓' : '–';
    const as = user === null ? '' : `as ${user}`;
    quote(
      `${mark} ${client.padEnd(26)} ${(accountLabel ?? '').padEnd(15)} ${(target ?? method).slice(0, 24).padEnd(24)} ${outcome.padEnd(8)} ${durationMs.toFixed(0).padStart(4)} ms ${as}`,
    );
  }
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 140);
}
