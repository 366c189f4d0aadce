/** The script that makes a call, as far as stages may know of it. Present on a script's calls alone. */
export interface CallingScript {
  /** The same object for every call of one client's script, those of saved tools that it runs included. */
  readonly run: object;
  /** The file of the script, where it is that of a saved tool. */
  readonly file?: string | undefined;
  /** Where in the script the call is, from 1; undefined where that is not known. */
  readonly line?: number | undefined;
  /** Has the clocks of the call and of the script stand still until what this gives is called: a person is asked. */
  holdClocks(): () => void;
}
