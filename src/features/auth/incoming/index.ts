/**
 * Incoming identity: finds out who is calling, before a request is anything else.
 *
 * Terms. A *type* is a way to prove who one is (`anonymous`, `local`, `apiKeys`, `oidc`); a *check* takes the tokens of
 * one type; the *provider* issues OIDC tokens. A *challenge* is what a refused client is told, so that it can do better.
 *
 * It decides who calls, never what they may do. It keeps no token, writes none anywhere, and sends one to its own provider
 * alone. A credential that fails is refused: no other type is tried, and no caller becomes anonymous by it.
 */
export { incomingAuthCode } from './code.ts';
