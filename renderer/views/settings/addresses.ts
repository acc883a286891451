import { texts } from '../../texts/texts.ts';

/** What is wrong with the address of a proxy as typed, or undefined. The bridge checks it again. */
export function proxyTrouble(typed: string): string | undefined {
  const words = texts.settings;
  if (typed.trim() === '') return words.proxyMissing;
  const url = URL.parse(typed.trim());
  if (!url || url.hostname === '') return words.proxyNotAddress;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return words.proxyScheme;
  if (url.username !== '' || url.password !== '') return words.proxySecret;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return words.proxyPath;
  return undefined;
}

/** The port as typed, or undefined when it is none that a person may open. */
export function portOf(typed: string): number | undefined {
  const port = /^\d{4,5}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  return port >= 1024 && port <= 65_535 ? port : undefined;
}
