/** The way to a backend over HTTP, step by step: its name, its port, its certificate. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { readFileSync } from 'node:fs';
import { trustedWith } from '../../lib/certificates.ts';
import type { Check } from './check.ts';
import { codeOf, kindOf, messageOf } from '../../lib/thrown.ts';

export interface Reached {
  readonly checks: readonly Check[];
  readonly isReached: boolean;
}

const stepTimeoutMs = 10_000;

export async function reach(url: URL, caBundlePath: string | undefined): Promise<Reached> {
  const checks: Check[] = [];
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  try {
    if (isIP(host) === 0) checks.push(await timed(() => resolveName(host)));
    checks.push(await timed(() => openPort(host, port)));
    if (url.protocol === 'https:') checks.push(await timed(() => shakeHands(host, port, caBundlePath)));
  } catch (error) {
    return { checks: [...checks, toCheck(error, { host, port })], isReached: false };
  }
  return { checks, isReached: true };
}

async function timed(step: () => Promise<string>): Promise<Check> {
  const startMs = performance.now();
  const what = await step();
  return { outcome: 'good', what, ms: performance.now() - startMs };
}

async function resolveName(host: string): Promise<string> {
  const addresses = await lookup(host, { all: true });
  return `${host} is ${addresses.map(({ address }) => address).join(', ')}`;
}

async function openPort(host: string, port: number): Promise<string> {
  return whenReady(connectTcp({ host, port }), 'connect', () => `port ${port} is open`);
}

async function shakeHands(host: string, port: number, caBundlePath: string | undefined): Promise<string> {
  const ca = caBundlePath === undefined ? {} : { ca: trustedWith(readFileSync(caBundlePath, 'utf8')) };
  const socket: TLSSocket = connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ca });
  return whenReady(socket, 'secureConnect', () => {
    const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
    return `its certificate is trusted, for ${days} more ${days === 1 ? 'day' : 'days'}`;
  });
}

/** Waits for a socket, says what it is like, and closes it. */
async function whenReady(socket: Socket, event: string, words: () => string): Promise<string> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(stepTimeoutMs) });
    return words();
  } finally {
    socket.destroy();
  }
}

/** What failed, and what mostly mends it, by the system's word for it. */
function toCheck(error: unknown, { host, port }: { readonly host: string; readonly port: number }): Check {
  const code = codeOf(error) ?? '';
  const bad = (what: string, remedy: string): Check => ({ outcome: 'bad', what, remedy });
  switch (code) {
    case 'ENOTFOUND':
      return bad(
        `no machine is called ${host}`,
        'check the name in "url"; some names are known inside a VPN alone',
      );
    case 'EAI_AGAIN':
      return bad(`the name ${host} could not be looked up`, 'check the network and its name servers');
    case 'ECONNREFUSED':
      return bad(
        `nothing listens on port ${port} of ${host}`,
        'start the server, or correct the port in "url"',
      );
    case 'ECONNRESET':
      return bad(
        `${host} closed the connection`,
        'check that "url" begins with the right one of http:// and https://',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return bad(`there is no way to ${host}`, 'check the network, the VPN and the firewall');
    case 'CERT_HAS_EXPIRED':
      return bad(
        `the certificate of ${host} has expired`,
        'have it renewed, or set the clock of this machine',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return bad(
        `the certificate of ${host} is for another name`,
        'use the name in the certificate in "url"',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return bad(
        `the certificate of ${host} is signed by an authority that is not trusted here`,
        'name its PEM file in "caBundlePath" of the backend',
      );
    default:
      if (['AbortError', 'TimeoutError'].includes(kindOf(error)) || code === 'ETIMEDOUT')
        return bad(
          `${host} does not answer on port ${port}`,
          'check the firewall, the VPN and the port in "url"',
        );
      return bad(`${host}:${port} cannot be reached: ${messageOf(error)}`, 'check "url"');
  }
}
