import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gateway } from '../../gateway/index.ts';
import { Broadcast } from './broadcast.ts';
import { Listens } from './stateless/listens.ts';
import type { Session } from './sessions/session.ts';

/** What Broadcast needs of a session. */
function session(openedMs: number, name: string): { session: Session; heard: string[] } {
  const heard: string[] = [];
  const outlet = {
    offer: (text: string) => void heard.push(String((JSON.parse(text) as { method: string }).method)),
  };
  return { session: { openedMs, caller: { sessionId: name }, outlet } as unknown as Session, heard };
}

test('a session that came after a change is not told of it because of a later one that does not concern it', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const onDefect = (error: unknown): never => assert.fail(String(error));
  const [early, late, concerned] = [session(0, 'early'), session(20, 'late'), session(20, 'concerned')];
  const sessions = [early, late, concerned].map((each) => each.session);
  const gateway = { subscribe: () => () => undefined, eventFor: (event: unknown) => event };
  const listens = new Listens({ now: () => nowMs, onDefect, max: 1 } as never);
  const broadcast = new Broadcast(() => sessions, listens, {
    onToolsChanged: () => undefined,
    now: () => nowMs,
    onDefect,
  });
  broadcast.listenTo(gateway as unknown as Gateway);
  nowMs = 10;
  broadcast.announce('toolsChanged');
  nowMs = 30;
  broadcast.announce('toolsChanged', ({ sessionId }) => sessionId === 'concerned');
  t.mock.timers.tick(60);
  const told = ['notifications/tools/list_changed'];
  assert.deepEqual([early.heard, late.heard, concerned.heard], [told, [], told]);
  broadcast.close();
});
