import { RecordQueue } from '../../src/features/audit/sink/record-queue.ts';
import type { Destination } from '../../src/features/audit/sink/destination.ts';
import { KeptFeatures, type KeptOptions } from '../../src/server/kept.ts';
import type { AnyFeature } from '../../src/server/features.ts';
import type { Cases } from './plant.ts';

const nowhere: Destination = {
  write: () => Promise.resolve(),
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export const auditCases: Cases = {
  'the end of an audit log': ({ rejectIt, onDefect }) => {
    const queue = new RecordQueue({ ...nowhere, close: rejectIt }, { onDropped: () => undefined, onDefect });
    queue.moveTo(nowhere);
  },
  'the opening of files': async ({ throwIt, onDefect }) => {
    const kept = { close: () => Promise.resolve(), reopen: throwIt };
    const planted = { key: 'planted', metrics: {}, load: async () => ({ keep: () => kept }) };
    const feature = planted as unknown as AnyFeature;
    const options = { telemetry: { instrumentsOf: () => ({}) }, log: { defect: onDefect }, environment: {} };
    const features = new KeptFeatures([feature], options as unknown as KeptOptions);
    await features.load(feature, {});
    features.reopen();
  },
};
