/** Writes the configuration's JSON Schema, which the package publishes, from the one source of its keys. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configReader } from '../src/server/config.ts';

const file = join(import.meta.dirname, '../schema/vmcp.schema.json');
writeFileSync(file, `${JSON.stringify(configReader.toJsonSchema(), null, 2)}\n`);
