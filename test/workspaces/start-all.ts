import { type AllegroWorkspace, startAllegro } from './allegro.ts';
import { type AllvWorkspace, startAllv } from './allv.ts';
import { type AlyWorkspace, startAly } from './aly.ts';
import { startBorealis } from './borealis.ts';
import { newAllvKey, newAlyKey, newBearerToken, newSanctumToken } from './keys.ts';
import { startMeridian } from './meridian.ts';
import type { ModernWorkspace } from './modern.ts';
import { type PelcroWorkspace, startPelcro } from './pelcro.ts';
import { type PelcroAccess, tokenAccess } from './pelcro-access.ts';
import { type PelcroOAuth, startPelcroOAuth } from './pelcro-oauth.ts';

/** The keys of the sample workspaces, one per role. */
export interface SampleKeys {
  readonly acmeMember: string;
  readonly acmeAdmin: string;
  readonly globexAdmin: string;
  /** Two accounts on one Pelcro URL. */
  readonly pelcroHerald: string;
  readonly pelcroGazette: string;
  readonly pelcroStaging: string;
  readonly allv: string;
  readonly alyOwner: string;
  /** Reads orders and content, and nothing else. */
  readonly alyReader: string;
  readonly borealis: string;
  readonly meridian: string;
}

/** All sample workspaces at once, as the demo uses them. */
export interface SampleWorkspaces extends AsyncDisposable {
  readonly keys: SampleKeys;
  /** Two tenants of Allegro. */
  readonly acme: AllegroWorkspace;
  readonly globex: AllegroWorkspace;
  /** Takes a key, or a sign-in at `pelcroOAuth`. */
  readonly pelcro: PelcroWorkspace;
  readonly pelcroOAuth: PelcroOAuth;
  readonly pelcroStaging: PelcroWorkspace;
  /** Its members are `ines@example.com` and `otto@example.com`. */
  readonly allv: AllvWorkspace;
  readonly aly: AlyWorkspace;
  /** Speaks both eras of MCP. */
  readonly borealis: ModernWorkspace;
  /** Speaks MCP 2026-07-28 only. */
  readonly meridian: ModernWorkspace;
}

export interface StartAllOptions {
  /** Fresh keys when absent. */
  readonly keys?: SampleKeys;
  /** Fixed ports, for a demo that stays; free ones when absent. */
  readonly ports?: Readonly<Partial<Record<Exclude<keyof SampleWorkspaces, 'keys' | symbol>, number>>>;
}

/** Starts both tenants of Allegro, both environments of Pelcro, allv, Aly, Borealis and Meridian on 127.0.0.1. */
export async function startAll(options: StartAllOptions = {}): Promise<SampleWorkspaces> {
  const keys = options.keys ?? freshKeys();
  const at = (name: keyof NonNullable<StartAllOptions['ports']>) => ({ port: options.ports?.[name] ?? 0 });
  await using starting = new AsyncDisposableStack();
  const acme = starting.use(
    await startAllegro({
      tenant: 'acme',
      ...at('acme'),
      tokens: [
        { token: keys.acmeMember, email: 'member@example.com', role: 'member' },
        { token: keys.acmeAdmin, email: 'admin@example.com', role: 'admin' },
      ],
    }),
  );
  const globex = starting.use(
    await startAllegro({
      tenant: 'globex',
      ...at('globex'),
      tokens: [{ token: keys.globexAdmin, email: 'admin@example.com', role: 'admin' }],
    }),
  );
  const herald = { id: 'herald', name: 'The Herald', sites: ['site_1', 'site_2'] };
  const gazette = { id: 'gazette', name: 'The Gazette', sites: ['site_9'] };
  const pelcroOAuth = starting.use(
    await startPelcroOAuth({ accounts: [herald, gazette], ...at('pelcroOAuth') }),
  );
  const byToken = tokenAccess([
    { ...herald, token: keys.pelcroHerald },
    { ...gazette, token: keys.pelcroGazette },
  ]);
  const pelcro = starting.use(
    await startPelcro({ ...at('pelcro'), access: either(byToken, pelcroOAuth.access) }),
  );
  pelcroOAuth.protect(pelcroOAuth.resourceAt(pelcro.origin));
  const pelcroStaging = starting.use(
    await startPelcro({
      ...at('pelcroStaging'),
      environment: 'staging',
      access: tokenAccess([
        { id: 'herald', name: 'The Herald (test)', sites: ['site_1'], token: keys.pelcroStaging },
      ]),
    }),
  );
  const allv = starting.use(await startAllv({ ...at('allv'), keys: [{ key: keys.allv, label: 'ops' }] }));
  const aly = starting.use(
    await startAly({
      ...at('aly'),
      keys: [
        { key: keys.alyOwner, label: 'owner', scopes: ['*'] },
        { key: keys.alyReader, label: 'reader', scopes: ['read:orders', 'read:content'] },
      ],
    }),
  );
  const borealis = starting.use(await startBorealis({ ...at('borealis'), tokens: { desk: keys.borealis } }));
  const meridian = starting.use(await startMeridian({ ...at('meridian'), tokens: { desk: keys.meridian } }));
  const running = starting.move();
  return {
    keys,
    acme,
    globex,
    pelcro,
    pelcroOAuth,
    pelcroStaging,
    allv,
    aly,
    borealis,
    meridian,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Whoever one of them knows may enter; strangers are sent to the second. */
function either(first: PelcroAccess, second: PelcroAccess): PelcroAccess {
  return {
    ...second,
    accountOf: (arrival, origin) => first.accountOf(arrival, origin) ?? second.accountOf(arrival, origin),
  };
}

function freshKeys(): SampleKeys {
  return {
    acmeMember: newSanctumToken(11),
    acmeAdmin: newSanctumToken(12),
    globexAdmin: newSanctumToken(3),
    pelcroHerald: newBearerToken(),
    pelcroGazette: newBearerToken(),
    pelcroStaging: newBearerToken(),
    allv: newAllvKey(),
    alyOwner: newAlyKey(),
    alyReader: newAlyKey(),
    borealis: newBearerToken(),
    meridian: newBearerToken(),
  };
}
