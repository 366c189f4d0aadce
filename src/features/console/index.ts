/**
 * The console: a page for people at `/`, and below `/console/` what it is made of and what it asks for.
 *
 * Terms. The *page* is the program of `src/console`, built into one script and one style sheet. A *person* is the
 * principal behind it: of a sign-in, or of the request itself where every caller is the same.
 *
 * It reads, and it calls tools and runs scripts as a client of its own does: through the funnel from its edge. It keeps no
 * arguments and no results. Its cookie is read below `/console/` alone; nothing at `/mcp` knows it.
 */
export { consoleCode } from './code.ts';
