/** What stands behind a dot and cannot be there, whatever the value turns out to be: for hosts whose values are all known. */
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { methodTables, noAttribute } from '../values/attributes.ts';
import { List } from '../values/list.ts';
import type { Module } from '../values/module.ts';
import { StarlarkSet } from '../values/set.ts';
import type { Value } from '../values/value.ts';

/** What a host says of the attributes that its values have. */
export interface KnownMembers {
  /** The modules that it hands in, by the names of their variables. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Methods of its own values, beside those of the language's types and the members of the modules. */
  readonly methods: Iterable<string>;
}

/** Checks attributes before anything runs. */
export class MemberCheck {
  readonly #modules: ReadonlyMap<string, Module>;
  readonly #methods: ReadonlySet<string>;

  constructor({ modules, methods }: KnownMembers) {
    this.#modules = modules;
    const members = [...modules.values()].flatMap((module) => [...module.members.keys()]);
    const own = [...methodTables.values()].flatMap((table) => [...table.keys()]);
    this.#methods = new Set([...own, ...members, ...methods]);
  }

  /** What to say of a member that the module lacks; undefined when it has it, or is no module. */
  ofModule(module: string, member: string): string | undefined {
    const known = this.#modules.get(module);
    return known === undefined || known.members.has(member) ? undefined : noAttribute(known, member).message;
  }

  /** What to say of a call of a method that no type has; undefined where one has it. */
  ofMethod(name: string): string | undefined {
    if (this.#methods.has(name)) return undefined;
    const samples: readonly Value[] = [
      new List([]),
      '',
      new Dict(),
      new StarlarkSet(),
      new Bytes(new Uint8Array()),
    ];
    const hints = samples.map(
      (sample) => / \((?!an item).*\)$/u.exec(noAttribute(sample, name).message)?.[0] ?? '',
    );
    return `no value has a method .${name}${hints.find((hint) => hint !== '') ?? ''}`;
  }
}
