#!/usr/bin/env node
import { runCli } from './run.ts';
import { exitCodes, processTerminal } from './terminal.ts';

/** Ends a command that has no better way to stop; `serve` takes the signal over. */
const interrupt = () => process.exit(exitCodes.interrupted);
process.once('SIGINT', interrupt);

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
process.off('SIGINT', interrupt);
