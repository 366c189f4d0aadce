import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeCaller, fakeClient } from '../../../test/fixtures/calling.ts';
import { FakeBackend, tool } from '../../../test/fixtures/fake-backend.ts';
import { withAsking, type Asking } from '../../../test/support/asking.ts';
import { anonymous, OwnTaskOwners, type Aggregate, type Caller } from '../index.ts';
import { type JsonObject, ProtocolError } from '../../protocol/index.ts';
import { aggregate } from '../index.ts';

const common = { caller: fakeCaller(), client: fakeClient(), signal: new AbortController().signal };

type Passed = Parameters<Asking['request']>[0];

function make(...backends: FakeBackend[]): Aggregate & Asking {
  for (const backend of backends) {
    backend.info = { revision: '2025-11-25', capabilities: { resources: {}, logging: {}, tasks: {} } };
    backend.answer = ({ params }) => ({ answeredBy: backend.name, params });
  }
  return withAsking(aggregate(backends, { onLog: () => undefined }));
}

const pass = (method: string, params: JsonObject): Passed => ({ method, params, ...common });
const read = (uri: string): Passed => pass('resources/read', { uri });

describe('resources', () => {
  test('are read from the first backend by name that lists the URI', async () => {
    const resources = [{ uri: 'x://1', name: 'one' }];
    const gateway = make(new FakeBackend('b', { resources }), new FakeBackend('a', { resources }));
    assert.equal((await gateway.request(read('x://1')))['answeredBy'], 'a');
    assert.deepEqual(await gateway.list('resources', common.caller), resources);
  });

  test('that only a template tells of are read from its backend', async () => {
    const gateway = make(
      new FakeBackend('a', { resourceTemplates: [{ uriTemplate: 'a://{id}/x', name: 't' }] }),
      new FakeBackend('b', { resourceTemplates: [{ uriTemplate: 'b://{+path}', name: 't' }] }),
    );
    assert.equal((await gateway.request(read('b://some/where')))['answeredBy'], 'b');
    assert.equal((await gateway.request(read('a://7/x')))['answeredBy'], 'a');
  });

  test('that only a result has linked to are read from the backend of that result', async () => {
    const linking = new FakeBackend('b', { tools: [tool('link')] });
    const gateway = make(new FakeBackend('a'), linking);
    linking.answer = ({ method }) =>
      method === 'tools/call'
        ? {
            content: [
              { type: 'resource_link', uri: 'dyn://1', name: 'l' },
              { type: 'resource', resource: { uri: 'dyn://2', text: '' } },
            ],
          }
        : { answeredBy: 'b' };
    await gateway.callTool({ name: 'b_link', params: { name: 'b_link' }, ...common });
    assert.equal((await gateway.request(read('dyn://1')))['answeredBy'], 'b');
    assert.equal((await gateway.request(read('dyn://2')))['answeredBy'], 'b');
  });

  test('that nothing tells of are asked for around, and then remembered', async () => {
    const [a, b] = [new FakeBackend('a'), new FakeBackend('b')];
    const gateway = make(a, b);
    a.answer = () => Promise.reject(new ProtocolError(-32002, 'not found'));
    assert.equal((await gateway.request(read('y://1')))['answeredBy'], 'b');
    await gateway.request(read('y://1'));
    assert.equal(a.requests.length, 1);
    b.answer = () => Promise.reject(new ProtocolError(-32002, 'not found'));
    await assert.rejects(gateway.request(read('y://2')), {
      code: -32002,
      message: 'Resource not found: y://2',
    });
  });
});

describe('prompts', () => {
  test('are asked for by their own name', async () => {
    const gateway = make(new FakeBackend('a', { prompts: [{ name: 'greet' }] }));
    const answer = await gateway.request(pass('prompts/get', { name: 'a_greet', arguments: { who: 'x' } }));
    assert.deepEqual(answer['params'], { name: 'greet', arguments: { who: 'x' } });
    await assert.rejects(gateway.request(pass('prompts/get', { name: 'a_gret' })), {
      code: -32602,
      message: 'Unknown prompt: a_gret. Did you mean "a_greet"?',
    });
  });

  test('and templates have their arguments completed by their backend', async () => {
    const gateway = make(
      new FakeBackend('a', { prompts: [{ name: 'greet' }] }),
      new FakeBackend('b', { resourceTemplates: [{ uriTemplate: 'b://{x}', name: 't' }] }),
    );
    const ofPrompt = await gateway.request(
      pass('completion/complete', { ref: { type: 'ref/prompt', name: 'a_greet' } }),
    );
    assert.deepEqual(ofPrompt['params'], { ref: { type: 'ref/prompt', name: 'greet' } });
    const ofTemplate = pass('completion/complete', { ref: { type: 'ref/resource', uri: 'b://{x}' } });
    assert.equal((await gateway.request(ofTemplate))['answeredBy'], 'b');
  });
});

describe('the rest', () => {
  test('of tasks goes to the backend that made the task', async () => {
    const [a, b] = [new FakeBackend('a', ['x']), new FakeBackend('b', ['y'])];
    const gateway = make(a, b);
    b.answer = ({ method }) => (method === 'tools/call' ? { task: { taskId: 't1' } } : { answeredBy: 'b' });
    await gateway.callTool({ name: 'b_y', params: { name: 'b_y' }, ...common });
    assert.equal((await gateway.request(pass('tasks/get', { taskId: 't1' })))['answeredBy'], 'b');
  });

  test('of a task from before a restart is asked for around where callers are not told apart, and then remembered', async () => {
    const [a, b] = [new FakeBackend('a'), new FakeBackend('b')];
    const gateway = make(a, b);
    a.answer = () => Promise.reject(new ProtocolError(-32602, 'no such task'));
    assert.equal((await gateway.request(pass('tasks/get', { taskId: 't' })))['answeredBy'], 'b');
    await gateway.request(pass('tasks/result', { taskId: 't' }));
    assert.equal(a.requests.length, 1);
    b.answer = () => Promise.reject(new ProtocolError(-32602, 'no such task'));
    await assert.rejects(gateway.request(pass('tasks/get', { taskId: 't2' })), {
      code: -32602,
      message: 'Unknown task: t2',
    });
  });

  test('of a task from before a restart are refused where callers are told apart, and no backend is asked', async () => {
    const backend = new FakeBackend('a');
    const gateway = make(backend);
    backend.answer = () => ({ taskId: 't', status: 'working', tasks: [{ taskId: 't' }] });
    const caller = fakeCaller({ principal: { ...anonymous, issuer: 'https://issuer', subject: 'mallory' } });
    const ask = (method: string): Promise<JsonObject> =>
      gateway.request({ ...common, caller, method, params: { taskId: 't' } });
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update'])
      await assert.rejects(ask(method), { code: -32602, message: 'Unknown task: t' });
    assert.equal(backend.requests.length, 0);
    assert.deepEqual((await ask('tasks/list'))['tasks'], []);
    await assert.rejects(ask('tasks/get'), { code: -32602 });
  });

  test('of a task is remembered over a reload, and by whom it was made', async () => {
    const taskOwners = new OwnTaskOwners();
    const backend = new FakeBackend('a', ['x']);
    backend.answer = ({ method }) =>
      method === 'tools/call' ? { task: { taskId: 't1' } } : { status: 'working' };
    const alice = fakeCaller({ principal: { ...anonymous, issuer: 'https://issuer', subject: 'alice' } });
    const options = { onLog: () => undefined, taskOwners };
    await withAsking(aggregate([backend], options)).callTool({
      ...common,
      caller: alice,
      name: 'a_x',
      params: { name: 'a_x' },
    });
    const after = withAsking(aggregate([backend], options));
    const ask = (caller: Caller): Promise<JsonObject> =>
      after.request({ ...common, caller, method: 'tasks/get', params: { taskId: 't1' } });
    assert.deepEqual(await ask(alice), { status: 'working' });
    await assert.rejects(ask(fakeCaller({ principal: { ...alice.principal, subject: 'mallory' } })), {
      code: -32602,
    });
    await assert.rejects(ask(fakeCaller()), { code: -32602 });
  });

  test('of tasks names and tells to each session its own, though the backend takes all for one client', async () => {
    const backend = new FakeBackend('a', ['x']);
    const gateway = make(backend);
    const [one, other] = ['one', 'other'].map((sessionId) => ({
      ...common,
      caller: fakeCaller({ sessionId }),
    }));
    assert.ok(one && other);
    backend.answer = ({ method }) =>
      method === 'tools/call' ? { task: { taskId: 't1' } } : { tasks: [{ taskId: 't1' }, { taskId: 'old' }] };
    await gateway.callTool({ name: 'a_x', params: { name: 'a_x' }, ...one });
    const listed = async (context: typeof one): Promise<unknown> =>
      (await gateway.request({ ...context, method: 'tasks/list', params: {} }))['tasks'];
    assert.deepEqual(await listed(one), [{ taskId: 't1' }, { taskId: 'old' }]);
    assert.deepEqual(await listed(other), [{ taskId: 'old' }]);
    const heard: unknown[] = [];
    gateway.subscribe((event) => heard.push('sessionId' in event ? event.sessionId : undefined));
    for (const taskId of ['t1', 'unknown']) {
      backend.emit({ type: 'notification', method: 'notifications/tasks/status', params: { taskId } });
    }
    assert.deepEqual(heard, ['one', undefined]);
  });

  test('of a task are its principal’s alone, in whatever session', async () => {
    const backend = new FakeBackend('a', ['x']);
    const gateway = make(backend);
    backend.answer = ({ method }) =>
      method === 'tools/call' ? { task: { taskId: 't1' } } : { status: 'working' };
    await gateway.callTool({ ...common, name: 'a_x', params: { name: 'a_x' } });
    const ask = (method: string, subject: string): Promise<JsonObject> => {
      const caller = fakeCaller({ sessionId: 'another', principal: { ...anonymous, subject } });
      return gateway.request({ ...common, caller, method, params: { taskId: 't1' } });
    };
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
      assert.deepEqual(await ask(method, fakeCaller().principal.subject), { status: 'working' });
      await assert.rejects(ask(method, 'mallory'), { code: -32602, message: 'Unknown task: t1' });
    }
    assert.equal(backend.requests.length, 4);
  });

  test('log levels go to every backend that logs', async () => {
    const [a, b] = [new FakeBackend('a'), new FakeBackend('b')];
    const gateway = make(a, b);
    b.answer = () => Promise.reject(new ProtocolError(-32601, 'no'));
    assert.deepEqual(await gateway.request(pass('logging/setLevel', { level: 'debug' })), {});
    assert.deepEqual([a.requests.length, b.requests.length], [1, 1]);
  });

  test('changed roots are told to the session’s connections', async () => {
    const backend = new FakeBackend('a');
    await make(backend).request(pass('notifications/roots/list_changed', {}));
    assert.deepEqual(backend.notified, ['session-a notifications/roots/list_changed']);
  });

  test('a method nobody has heard of goes to an only backend, and is not found with several', async () => {
    assert.equal((await make(new FakeBackend('a')).request(pass('x/y', {})))['answeredBy'], 'a');
    await assert.rejects(make(new FakeBackend('a'), new FakeBackend('b')).request(pass('x/y', {})), {
      code: -32601,
    });
  });
});
