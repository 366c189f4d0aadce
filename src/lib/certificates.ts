import { getCACertificates } from 'node:tls';

/**
 * Whom to trust where a file names further certificate authorities: these, and whom Node trusts without it, those of
 * `NODE_EXTRA_CA_CERTS` included.
 * @param pem what the file holds
 */
export function trustedWith(pem: string): string[] {
  return [...getCACertificates('default'), pem];
}

/** True where a text holds a certificate as PEM. Node takes any text for one, and then trusts nobody more. */
export function holdsCertificate(text: string): boolean {
  return /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text);
}
