import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOfCutRequest } from './cut-request.ts';

test('a request of which only the ends are known is told by the id at one of them', () => {
  const cases: [head: string, tail: string, id: string | number | undefined][] = [
    ['{"jsonrpc":"2.0","id":7,"method":"x","params":{"id":1,"a":"', '"}}', 7],
    [' { "method" : "x" , "id" : "a\\"b" , "params" : {', '}}', 'a"b'],
    ['{"method":"x","params":{"method":"y","id":1,', '"b":2},"id":-3,"jsonrpc":"2.0"}\r', -3],
    ['{"params":{"a":"', '"},"method":"x","id":9}', 9],
    ['{"method":"x","params":{', '"a":{"id":1}}}', undefined],
    ['{"method":"x","params":{"id":', ',"id":1}}', undefined],
    ['{"id":1,"result":{', '}}', undefined],
    ['{"id":null,"method":"x","params":{', '}}', undefined],
    ['{"id":{"a":1},"method":"x","params":{', '}}', undefined],
    ['{"method":"x","params":{', '}}', undefined],
    ['nonsense', 'nonsense', undefined],
    ['', '', undefined],
  ];
  for (const [head, tail, id] of cases) assert.equal(idOfCutRequest(head, tail), id, `${head}…${tail}`);
});

test('hostile ends are read in no time', () => {
  for (const text of [
    '{"":0,'.repeat(100),
    ',"":0'.repeat(128),
    '"\\'.repeat(256),
    '{' + '"a":1, '.repeat(80),
  ]) {
    idOfCutRequest(text.slice(0, 512), text.slice(-512));
  }
});
