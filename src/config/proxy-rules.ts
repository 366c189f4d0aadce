/** Rules about the way to a backend: its proxy, and TLS. */
import type { Rule } from './file-view.ts';
import { isProxyUrl, proxyOf } from './schema/proxy.ts';

export const proxyRules: readonly Rule[] = [
  function proxiesOfTheEnvironment(file) {
    for (const index of file.items('backends').keys()) {
      const url = file.at('backends', index, 'url');
      const parsed = typeof url === 'string' ? URL.parse(url) : null;
      if (parsed === null || file.says('backends', index, 'proxy')) continue;
      const proxy = proxyOf(parsed, file.surroundings.environment);
      if (proxy === undefined || isProxyUrl(proxy.url)) continue;
      file.error(
        ['backends', index, 'url'],
        `the environment variable ${proxy.from} is not the URL of an HTTP proxy such as "http://proxy.example:3128"; ` +
          '"proxy: none" goes without it',
      );
    }
  },

  function tlsNeedsHttps(file) {
    for (const index of file.items('backends').keys()) {
      const url = file.at('backends', index, 'url');
      if (typeof url !== 'string' || !/^http:/i.test(url)) continue;
      if (file.at('backends', index, 'tls') !== undefined)
        file.errorAtKey(['backends', index, 'tls'], '"tls" needs a "url" that begins with https://');
      if (file.says('backends', index, 'caBundlePath'))
        file.warn(
          ['backends', index, 'caBundlePath'],
          'caBundlePath has no effect: the "url" does not begin with https://',
        );
    }
  },
];
