/**
 * Why a server could not be reached, in words. Node's own are empty where it has tried several addresses, and where a
 * server answers TLS with plain text they are OpenSSL's.
 */
export function whyUnreachable(error: unknown): string {
  const { code, message, name } = error as NodeJS.ErrnoException;
  if (/wrong version number/.test(message))
    return 'it does not speak TLS; is it http:// rather than https://?';
  if (/alert certificate required/.test(message))
    return 'it asks for a client certificate ("tls" with "certFile" and "keyFile")';
  const alert =
    /alert ((?:bad|unsupported) certificate|certificate (?:expired|revoked|unknown)|unknown ca)/.exec(
      message,
    );
  if (alert !== null) return `it refuses the client certificate (${alert[1]})`;
  if (message.trim() !== '') return message.trim();
  const tried = error instanceof AggregateError ? error.errors.map(whyUnreachable) : [];
  return tried.length > 0 ? tried.join('; ') : (code ?? name);
}
