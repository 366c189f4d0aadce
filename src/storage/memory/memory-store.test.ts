import { describe } from 'node:test';
import { storeContract } from '../../../test/support/store-contract.ts';
import { MemoryHub, MemoryStore } from './memory-store.ts';

describe('a store in memory', () => {
  storeContract(async () => {
    let nowMs = 0;
    const hub = new MemoryHub({ now: () => nowMs });
    return {
      one: new MemoryStore(hub),
      other: new MemoryStore(hub),
      pass: async (ms) => void (nowMs += ms),
    };
  });
});
