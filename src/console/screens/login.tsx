import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../base/api.ts';
import { toApiError } from '../base/use-data.ts';

/** Asks for a key where callers are known. The key is exchanged for a cookie and kept nowhere in the page. */
export function Login({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const [key, setKey] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const signIn = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await ask('login', { key });
      onDone();
    } catch (error) {
      setFault(toApiError(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="card login-card" onSubmit={(event) => void signIn(event)}>
        <span class="brand-mark" aria-hidden="true">
          v
        </span>
        <h1>Sign in</h1>
        <p class="muted">This server asks who you are. Use the key that you call its tools with.</p>
        <label class="field">
          <span class="field-name">API key or access token</span>
          <input
            class="input mono"
            type="password"
            autocomplete="off"
            required
            value={key}
            aria-invalid={fault !== ''}
            aria-describedby="login-fault"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p id="login-fault" class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="button primary" disabled={busy || key === ''}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
