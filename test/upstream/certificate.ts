import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryHome } from '../canary/home.ts';

/** A private key and a certificate that signs itself, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a certificate with the system's OpenSSL.
 *
 * @param host the name it is for; an IP address may be given too.
 * @param days how long it is valid; negative: it has expired.
 */
export async function makeCertificate(host: string, days = 1): Promise<Certificate> {
  await using home = await temporaryHome();
  const [key, request, cert] = ['key', 'request', 'cert'].map((name) => join(home.path, name)) as [
    string,
    string,
    string,
  ];
  const name = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
  await openssl([
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', request, '-subj', '/CN=test', '-addext', `subjectAltName=${name}`],
  ]);
  await openssl([
    ...['x509', '-req', '-in', request, '-signkey', key, '-out', cert],
    ...['-days', String(days), '-copy_extensions', 'copy'],
  ]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}

async function openssl(args: readonly string[]): Promise<void> {
  await promisify(execFile)('openssl', args);
}
