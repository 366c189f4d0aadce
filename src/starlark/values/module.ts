import type { Value } from './value.ts';

/** A named group of values, such as `json`: `json.encode` is a member. Never changes. */
export class Module {
  readonly name: string;
  readonly members: ReadonlyMap<string, Value>;

  constructor(name: string, members: ReadonlyMap<string, Value>) {
    this.name = name;
    this.members = members;
  }

  get type(): string {
    return 'module';
  }
}
