import { createHash, randomBytes } from 'node:crypto';

/** 256 bits in base64url, behind a mark that people and scanners for leaked secrets know it by. */
const form = /^vmcp_[A-Za-z0-9_-]{43,}$/;

/** How every API key begins. */
export const apiKeyPrefix = 'vmcp_';

/** A new API key: `vmcp_` and 256 random bits. */
export function createApiKey(): string {
  return apiKeyPrefix + randomBytes(32).toString('base64url');
}

/** True for a text that has the form and the length of an API key. */
export function isApiKey(text: string): boolean {
  return form.test(text);
}

/** SHA-256 of a key, the whole text of it. A key of 256 random bits needs no slower hash. */
export function apiKeyDigest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
