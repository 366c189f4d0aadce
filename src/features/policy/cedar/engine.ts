/** Cedar's engine, a WebAssembly module: loaded when the first policy needs it. Its answers as values or errors. */
import type {
  AuthorizationAnswer,
  DetailedError,
  EntityJson,
  Policy,
  PolicyJson,
  SchemaJson,
  StatefulAuthorizationCall,
  TypeAndId,
  ValidationError,
} from '@cedar-policy/cedar-wasm/nodejs';

export type { EntityJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** An entity's type and id. */
export type Uid = TypeAndId;

export type PolicySchema = SchemaJson<string>;

/** Policies by their ids. */
export type PolicyTexts = Readonly<Record<string, Policy>>;

/** What decides one question: all of it but the policies. */
export type Question = Omit<StatefulAuthorizationCall, 'preparsedPolicySetId'>;

/** What Cedar says: `reasons` and `errors` are ids of policies. */
export interface Verdict {
  readonly allow: boolean;
  /** Those that decided: permits of an allowed question, forbids of a denied one. */
  readonly reasons: readonly string[];
  /** Those that could not be evaluated, with why. */
  readonly errors: ReadonlyMap<string, string>;
}

/** What the engine has against a text. */
export class CedarError extends Error {
  constructor(errors: readonly DetailedError[]) {
    super(errors.map(wordsOf).join('; '));
    this.name = 'CedarError';
  }
}

/** What a schema has against a policy, in words. */
export interface PolicyFault {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface Engine {
  /** The policies of a text, each as it stands there. @throws CedarError */
  split(text: string): readonly string[];
  /** A policy as data. @throws CedarError */
  toJson(policy: string): PolicyJson;
  /** Parses policies and keeps them under a name, in the place of those that it named before. @throws CedarError */
  keep(name: string, policies: PolicyTexts): void;
  /** Decides by policies that are kept. Takes 20 to 200 µs. @throws CedarError where the question is no question */
  decide(name: string, question: Question): Verdict;
  /** What a schema has against policies, in words. @throws CedarError */
  validate(schema: PolicySchema, policies: PolicyTexts): readonly PolicyFault[];
  /** @throws CedarError where entities are no entities */
  assertEntities(entities: readonly EntityJson[]): void;
}

/** Loads the engine: about 30 ms and 45 MB. */
export async function loadEngine(): Promise<Engine> {
  const cedar = await import('@cedar-policy/cedar-wasm/nodejs');
  return {
    split(text) {
      const answer = cedar.policySetTextToParts(text);
      if (answer.type === 'failure') throw new CedarError(answer.errors);
      if (answer.policy_templates.length > 0)
        throw new Error('expected policies, found a template ("?principal" or "?resource")');
      return answer.policies;
    },
    toJson(policy) {
      const answer = cedar.policyToJson(policy);
      if (answer.type === 'failure') throw new CedarError(answer.errors);
      return answer.json;
    },
    keep(name, policies) {
      const answer = cedar.preparsePolicySet(name, { staticPolicies: { ...policies } });
      if (answer.type === 'failure') throw new CedarError(answer.errors);
    },
    decide: (name, question) =>
      verdictOf(cedar.statefulIsAuthorized({ ...question, preparsedPolicySetId: name })),
    validate(schema, policies) {
      const answer = cedar.validate({ schema, policies: { staticPolicies: { ...policies } } });
      if (answer.type === 'failure') throw new CedarError(answer.errors);
      return [
        ...answer.validationErrors.map(faultOf('error')),
        ...answer.validationWarnings.map(faultOf('warning')),
      ];
    },
    assertEntities(entities) {
      const answer = cedar.checkParseEntities({ entities: [...entities] });
      if (answer.type === 'failure') throw new CedarError(answer.errors);
    },
  };
}

function verdictOf(answer: AuthorizationAnswer): Verdict {
  if (answer.type === 'failure') throw new CedarError(answer.errors);
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => [policyId, wordsOf(error)] as const);
  return { allow: decision === 'allow', reasons: diagnostics.reason, errors: new Map(errors) };
}

function faultOf(severity: PolicyFault['severity']): (found: ValidationError) => PolicyFault {
  return ({ error }) => ({ severity, message: wordsOf(error) });
}

function wordsOf({ message, help }: DetailedError): string {
  return help === null || help === undefined ? message : `${message} (${help})`;
}

/**
 * Names under which the engine keeps policies. It forgets none, so that a name is used again once the configuration that
 * had it is gone.
 */
export class PolicySlots {
  #engine: Promise<Engine> | undefined;
  readonly #free: string[] = [];
  #made = 0;

  /** The engine, loaded once. */
  engine(): Promise<Engine> {
    this.#engine ??= loadEngine();
    return this.#engine;
  }

  take(): string {
    return this.#free.pop() ?? `policies ${++this.#made}`;
  }

  give(name: string): void {
    this.#free.push(name);
  }

  async close(): Promise<void> {
    this.#engine = undefined;
  }
}
