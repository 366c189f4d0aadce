import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Channel } from './channel.ts';

interface Received {
  readonly message: unknown;
  readonly attachment: string;
}

/** Sends through a channel, and has what comes out on the wire arrive in chunks of so many bytes. */
async function sendInChunks(
  chunkBytes: number,
  messages: readonly [message: unknown, attachment?: Uint8Array][],
): Promise<Received[]> {
  const [near, wire] = duplexPair();
  const [farWire, far] = duplexPair();
  const sender = new Channel(near, () => assert.fail('nothing was sent back'));
  const received: Received[] = [];
  new Channel(far, (message, attachment) => {
    received.push({ message, attachment: Buffer.concat(attachment).toString() });
  });
  for (const [message, attachment] of messages) sender.send(message, attachment);
  await turn();
  const bytes = wire.read() as Buffer;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    farWire.write(bytes.subarray(at, at + chunkBytes));
    await turn();
  }
  return received;
}

const long = 'a "quoted" word '.repeat(200);
const longTexts = {
  ascii: long,
  latin1: long.replaceAll('o', 'ö'),
  wide: long.replaceAll('o', '→'),
  halves: `${long}\ud800`,
  nested: [{ text: long }, { text: 'short' }, { text: '' }],
};

const text = new TextEncoder().encode('attached');

for (const chunkBytes of [1, 3, 7, 8, 50, 1_000_000]) {
  test(`messages arrive whole and in order, in chunks of ${chunkBytes} bytes`, async () => {
    const half = { text: 'no pair: \ud800', list: [1, null] };
    assert.deepEqual(
      await sendInChunks(chunkBytes, [
        [{ ...half, missing: undefined }],
        [{ with: 1 }, text],
        ['next'],
        [longTexts, text],
        ['empty', new Uint8Array()],
        [2, text],
      ]),
      [
        { message: half, attachment: '' },
        { message: { with: 1 }, attachment: 'attached' },
        { message: 'next', attachment: '' },
        { message: longTexts, attachment: 'attached' },
        { message: 'empty', attachment: '' },
        { message: 2, attachment: 'attached' },
      ],
    );
  });
}

test('what is sent when the other end is gone is dropped', async () => {
  const [near, far] = duplexPair();
  const channel = new Channel(near, () => undefined);
  far.destroy();
  near.destroy(new Error('gone'));
  channel.send('lost');
  await turn();
  assert.equal(near.destroyed, true);
});
