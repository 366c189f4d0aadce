import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientScenarios, isPass, runClientScenario } from './suite.ts';

describe(
  "the client side of the conformance suite, against vmcp's backend side",
  { timeout: 1_200_000 },
  () => {
    for (const [revision, scenarios] of Object.entries(clientScenarios)) {
      for (const scenario of scenarios) {
        test(`${revision}: ${scenario}`, async () => {
          const results = await runClientScenario(scenario, revision);
          const failures = [...results].filter(([, status]) => !isPass(status));
          assert.deepEqual(failures, []);
        });
      }
    }
  },
);
