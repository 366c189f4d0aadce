import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Watchdog } from './watchdog.ts';

interface Bench {
  readonly watchdog: Watchdog;
  /** What the watchdog told its owner, since the last time that it was read. */
  events(): string[];
  /** A tenth of a second in which the process takes `cpuMs`, and says so where `tells`. */
  pass(cpuMs: number, tells?: boolean): void;
  /** So many of them. */
  passes(times: number, cpuMs: number, tells?: boolean): void;
  /** The thread answers the newest ping. */
  answer(): void;
}

function bench({ hasStarted = true } = {}): Bench {
  let events: string[] = [];
  let beat = 0;
  let cpuMs = 5000;
  let asked = false;
  const watchdog = new Watchdog({
    unresponsiveMs: 20_000,
    ping: (number) => {
      beat = number;
      events.push('ping');
    },
    askUsage: () => (asked = true),
    onSilent: () => events.push('silent'),
    onAnswer: () => events.push('answers'),
    onHung: () => events.push('hung'),
  });
  const made: Bench = {
    watchdog,
    events: () => {
      const seen = events;
      events = [];
      return seen;
    },
    pass: (more, tells = true) => {
      cpuMs += more;
      watchdog.look();
      if (!asked || !tells) return;
      asked = false;
      watchdog.used(cpuMs);
    },
    passes: (times, more, tells) => {
      for (let time = 0; time < times; time++) made.pass(more, tells);
    },
    answer: () => watchdog.answered(beat),
  };
  if (hasStarted) watchdog.started();
  return made;
}

describe('a thread that answers', () => {
  test('is asked anew at each look, and nothing is made of what it computes', () => {
    const { pass, answer, events } = bench();
    for (let time = 0; time < 500; time++) {
      pass(100);
      pass(100);
      answer();
    }
    assert.deepEqual(new Set(events()), new Set(['ping']));
  });
});

describe('a starved thread', () => {
  test('is not taken for one that is held, however long it says nothing', () => {
    const { pass, passes, answer, events, watchdog } = bench();
    passes(99, 1);
    assert.deepEqual(events(), ['ping']);
    assert.equal(watchdog.isSilent, false);
    answer();
    pass(1);
    assert.deepEqual(events(), ['ping']);
  });

  test('is never given up without processor time, even where a second one is started at last', () => {
    const { passes, events, answer } = bench();
    passes(36_000, 0);
    assert.deepEqual(events(), ['ping', 'silent']);
    answer();
    assert.deepEqual(events(), ['answers']);
  });

  test('is not given up while its process is starved too, and cannot say what it took', () => {
    const { passes, events } = bench();
    passes(36_000, 100, false);
    assert.deepEqual(events(), ['ping', 'silent']);
  });

  test('is not taken for held for what its process took before it was asked', () => {
    const { pass, events } = bench();
    pass(0);
    pass(30_000);
    pass(1);
    assert.deepEqual(events(), ['ping']);
  });
});

describe('a thread that computes without answering', () => {
  test('is silent half a second after it was asked, and answers when it answers', () => {
    const { passes, pass, answer, events, watchdog } = bench();
    passes(5, 100);
    assert.equal(watchdog.isSilent, false);
    pass(100);
    assert.equal(watchdog.isSilent, true);
    assert.deepEqual(events(), ['ping', 'silent']);
    answer();
    assert.equal(watchdog.isSilent, false);
    assert.deepEqual(events(), ['answers']);
  });

  test('with a tenth of a processor is silent when it has taken 100 ms', () => {
    const { passes, pass, watchdog } = bench();
    passes(11, 10);
    assert.equal(watchdog.isSilent, false);
    pass(10);
    assert.equal(watchdog.isSilent, true);
  });

  test('is asked again when it has taken what it may, and given up when it then takes a quarter more', () => {
    const { pass, passes, events } = bench();
    pass(0);
    passes(200, 100);
    assert.deepEqual(events(), ['ping', 'silent']);
    pass(100);
    assert.deepEqual(events(), ['ping']);
    passes(49, 100);
    assert.deepEqual(events(), []);
    pass(100);
    assert.deepEqual(events(), ['hung']);
  });

  test('is kept when it answers what it was asked again', () => {
    const { pass, passes, answer, events } = bench();
    pass(0);
    passes(202, 100);
    answer();
    assert.deepEqual(events(), ['ping', 'silent', 'ping', 'answers']);
    passes(100, 100);
    assert.deepEqual(events(), ['ping', 'silent']);
  });

  test('is not silent while it starts, but is given up as any', () => {
    const { passes, events } = bench({ hasStarted: false });
    passes(100, 100);
    assert.deepEqual(events(), ['ping']);
    passes(152, 100);
    assert.deepEqual(events(), ['silent', 'ping', 'hung']);
  });

  test('is silent half a second after it has started, whatever it took to start', () => {
    const { passes, pass, events, watchdog } = bench({ hasStarted: false });
    passes(20, 100);
    watchdog.started();
    passes(4, 100);
    assert.deepEqual(events(), ['ping']);
    pass(100);
    assert.deepEqual(events(), ['silent']);
  });
});

test('a gateway that was held up reads the answer behind its look: one look is one, however late', () => {
  const { pass, answer, events } = bench();
  pass(0);
  pass(100);
  // The gateway is held for a minute here.
  pass(60_000, false);
  answer();
  assert.deepEqual(events(), ['ping']);
});
