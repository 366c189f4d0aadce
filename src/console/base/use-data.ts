import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, ask } from './api.ts';
import type { Answers } from '../wire/index.ts';

/** What a screen has to show: data, why there is none, or neither yet. Old data stays while newer cannot be had. */
export interface Loaded<Data> {
  readonly data: Data | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

/**
 * Asks the server, and again every so often while the page can be seen.
 * @param everyMs 0 for once
 */
export function useData<Name extends keyof Answers>(
  name: Name,
  body: Answers[Name]['asks'],
  everyMs = 0,
): Loaded<Answers[Name]['gets']> {
  const [data, setData] = useState<Answers[Name]['gets']>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const asked = useRef(body);
  asked.current = body;
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      if (document.hidden && everyMs > 0) return;
      try {
        setData(await ask(name, asked.current, stop.signal));
        setError(undefined);
      } catch (thrown) {
        if (!stop.signal.aborted) setError(toApiError(thrown));
      }
    };
    void load();
    const timer = everyMs > 0 ? setInterval(() => void load(), everyMs) : undefined;
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [name, everyMs, round]);
  return { data, error, reload };
}

export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, thrown instanceof Error ? thrown.message : String(thrown));
}
