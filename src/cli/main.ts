#!/usr/bin/env node
import { runCli } from './run.ts';
import { runAsProcess } from './terminal.ts';

await runAsProcess(runCli);
