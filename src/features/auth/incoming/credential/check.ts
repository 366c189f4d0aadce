import type { Principal } from '../../../../gateway/index.ts';
import type { CredentialFault } from './challenge.ts';

/** Whose a token is, or why it is not taken. */
export type Checked = { readonly principal: Principal } | { readonly fault: CredentialFault };

/** Checks tokens of one type. */
export interface TokenCheck {
  /** Never rejects. Waits for nothing where the token is known. */
  check(token: string): Checked | Promise<Checked>;
}

export function invalid(description: string): { readonly fault: CredentialFault } {
  return { fault: { kind: 'invalid', description } };
}
