import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { temporaryHome } from '../canary/home.ts';
import { hostilePage, hostileScript, type Site } from './sites.ts';

/** A name that leads to 127.0.0.1 by its owner's will: DNS rebinding, as a browser sees it. */
export const REBOUND = 'evil.example';

/** What a page tries at one address; `ATTEMPT` in a message is replaced by the name of the attempt. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly legacy: string;
  readonly modern?: string;
  /** Elements and navigations as well, not only what scripts send. */
  readonly elements: boolean;
}

export interface Outcome {
  /** Names of all attempts. */
  readonly attempts: readonly string[];
  /** What the page could read, by the name of the attempt. */
  readonly reads: Readonly<Record<string, string>>;
}

/** A document that nobody trusts, in a browser. */
export interface Hostile {
  readonly from: string;
  attack(target: Target): Promise<Outcome>;
}

/** Opens the page as everything that a page can be. */
export async function openDocuments(context: BrowserContext, site: Site): Promise<Hostile[]> {
  const at = async (url: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
  const home = await temporaryHome();
  const file = join(home.path, 'hostile.html');
  const html = await hostilePage();
  writeFileSync(file, html);
  const [otherPort, otherName, rebound, local] = await Promise.all(
    [site.urlAt('127.0.0.1'), site.urlAt('localhost'), site.urlAt(REBOUND), pathToFileURL(file).href].map(at),
  );
  const around = await at(site.urlAt('127.0.0.1'));
  await around.evaluate(
    `for (const [name, properties] of Object.entries({
      sandbox: { sandbox: 'allow-scripts allow-forms allow-popups', src: '/' },
      data: { src: 'data:text/html,' + encodeURIComponent(${JSON.stringify(html)}) },
      blob: { src: URL.createObjectURL(new Blob([${JSON.stringify(html)}], { type: 'text/html' })) },
    })) park(made('iframe', { name, ...properties }));`,
  );
  const framed = async (name: string): Promise<Frame> => {
    const element = await around.waitForSelector(`iframe[name=${name}]`, { state: 'attached' });
    const frame = await element.contentFrame();
    if (!frame) throw new Error(`There is no frame ${name}.`);
    await frame.waitForFunction('typeof attack === "function"');
    return frame;
  };
  return [
    hostile('another port', otherPort, site),
    hostile('another name of this computer', otherName, site),
    hostile('a rebinding name', rebound, site),
    hostile('a file', local, site),
    hostile('a sandbox', await framed('sandbox'), site),
    hostile('a data address', await framed('data'), site),
    hostile('a blob', await framed('blob'), site),
  ];
}

/** The page under the very origin of a port, as after its name was bound anew. */
export async function openRebound(context: BrowserContext, port: number, site: Site): Promise<Hostile> {
  const page = await context.newPage();
  await page.goto(`http://${REBOUND}:${port}/mcp`);
  await page.evaluate(await hostileScript());
  return hostile('the same origin by a rebinding name', page, site);
}

function hostile(from: string, place: Page | Frame | undefined, site: Site): Hostile {
  if (!place) throw new Error(`There is no document ${from}.`);
  return {
    from,
    attack: (target) => {
      const home = site.urlAt('127.0.0.1').slice(0, -1);
      const report = `${home}/report?to=${encodeURIComponent(target.url)}`;
      return place.evaluate(`attack(${JSON.stringify({ ...target, from, home, report })})`);
    },
  };
}
