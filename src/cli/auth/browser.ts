import { spawn } from 'node:child_process';

/** The program that opens a URL, by platform: started as it is, with the URL as one argument, and no shell. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

/**
 * Opens a page in the person's browser. That it could not be opened is for the person to see, who is told the URL too.
 * @param url of http or https; anything else is not opened
 */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const opener = openers[platform];
  const isWeb = /^https?:$/.test(URL.parse(url)?.protocol ?? '');
  if (opener === undefined || !isWeb) return;
  const [program = '', ...args] = opener;
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
