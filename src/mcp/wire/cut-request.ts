import type { JsonObject } from '../../protocol/index.ts';
import type { RequestId } from './jsonrpc.ts';
import { isRequestId } from './jsonrpc.ts';

const string = '"(?:[^"\\\\]|\\\\.)*"';
const scalar = `(?:${string}|-?[0-9][-+.0-9eE]*|true|false|null)`;
const member = `${string}\\s*:\\s*${scalar}\\s*`;
const atStart = new RegExp(`^\\s*\\{\\s*((?:${member},\\s*)*)`);
const atEnd = new RegExp(`((?:,\\s*${member})+)\\}\\s*$`);

/**
 * The id of the request that a message is, of which only the two ends are known: it stands in one of them, beside the
 * parameters. Undefined for what is no request, or does not say which.
 */
export function idOfCutRequest(head: string, tail: string): RequestId | undefined {
  const members = {
    ...parseMembers((atStart.exec(head)?.[1] ?? '').trimEnd().slice(0, -1)),
    ...parseMembers((atEnd.exec(tail)?.[1] ?? '').slice(1)),
  };
  const { id, method } = members;
  return typeof method === 'string' && isRequestId(id) ? id : undefined;
}

function parseMembers(text: string): JsonObject {
  try {
    return JSON.parse(`{${text}}`) as JsonObject;
  } catch {
    return {};
  }
}
