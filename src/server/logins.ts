/** Logins at backends that want OAuth (`backends[].oauth`), for whoever makes them at a terminal. */
import { createLogins, LoginError, type Logins, type LoginTarget } from '../features/auth/outgoing/index.ts';
import { AppError } from './app-error.ts';
import type { Config } from './config.ts';

export type { Logins, LoginStatus, LoginTarget } from '../features/auth/outgoing/index.ts';

/** The backends of a configuration that want a login, in its order. */
export function loginTargets({ backends }: Config): LoginTarget[] {
  return backends.flatMap((backend) => {
    if (backend.transport === 'stdio' || backend.strategy.type !== 'oauth') return [];
    const { type: _, server, allowPrivateIp, ...oauth } = backend.strategy;
    return [{ server, backend: backend.name, url: new URL(backend.url), oauth, allowPrivateIp }];
  });
}

/** @throws AppError where there is no key to keep logins with */
export function openLogins(environment: Readonly<Record<string, string | undefined>>): Logins {
  return inWordsOfApp(() => createLogins(environment));
}

/** What a login failed for, as one line for people. */
export async function loginInWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toAppError(error);
  }
}

function inWordsOfApp<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toAppError(error);
  }
}

function toAppError(error: unknown): unknown {
  return error instanceof LoginError ? new AppError('login_failed', error.message, { cause: error }) : error;
}
