import { messageOf } from './thrown.ts';

/** Why a server could not be reached, in words. Where a server answers TLS with plain text Node's own are OpenSSL's. */
export function whyUnreachable(error: unknown): string {
  const message = messageOf(error);
  if (/wrong version number/.test(message))
    return 'it does not speak TLS; is it http:// rather than https://?';
  if (/alert certificate required/.test(message))
    return 'it asks for a client certificate ("tls" with "certFile" and "keyFile")';
  const alert =
    /alert ((?:bad|unsupported) certificate|certificate (?:expired|revoked|unknown)|unknown ca)/.exec(
      message,
    );
  if (alert !== null) return `it refuses the client certificate (${alert[1]})`;
  return message.trim();
}
