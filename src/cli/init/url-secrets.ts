import { isSecretName, looksSecret } from '../../lib/secrets.ts';

/**
 * Takes a secret out of a text.
 * @param name what a variable for it may be called
 * @param what the secret, for whoever has to set that variable
 * @returns what stands in its place
 */
export type Hide = (name: string, value: string, what: string) => string;

const url = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^?#]*)(.*)$/is;

export function isUrl(text: string): boolean {
  return url.test(text);
}

/** A URL without its secrets: before the host, in the path, among the parameters. What is none stays letter for letter. */
export function withoutUrlSecrets(text: string, hide: Hide): string {
  const [, scheme, user = '', hostAndPath = '', rest = ''] = url.exec(text) ?? [];
  if (scheme === undefined) return text;
  return scheme + withoutPassword(user, hide) + withoutTokens(hostAndPath, hide) + withoutValues(rest, hide);
}

/** `name:password@`, or a token alone, as Git takes it. */
function withoutPassword(user: string, hide: Hide): string {
  const [, name = '', password = ''] = /^([^:]*):(.+)@$/s.exec(user) ?? [];
  if (password !== '') return `${name}:${hide('PASSWORD', password, 'the password in its URL')}@`;
  const token = user.replace(/:?@$/, '');
  return looksSecret(token) ? `${hide('USER', token, 'the user in its URL')}@` : user;
}

function withoutTokens(hostAndPath: string, hide: Hide): string {
  return hostAndPath
    .split('/')
    .map((part, index) =>
      index > 0 && looksSecret(part) ? hide('PATH', part, 'the secret in the path of its URL') : part,
    )
    .join('/');
}

function withoutValues(rest: string, hide: Hide): string {
  return rest.replaceAll(/([?&])([^=&#]+)=([^&#]+)/g, (whole, mark: string, name: string, value: string) =>
    isSecretName(name) || looksSecret(value)
      ? `${mark}${name}=${hide(name, value, `the parameter ${name} of its URL`)}`
      : whole,
  );
}
