/** Writes the configuration's JSON Schema, which the package publishes, from the one source of its keys. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '../src/config/json-schema.ts';

const file = join(import.meta.dirname, '../schema/vmcp.schema.json');
writeFileSync(file, `${JSON.stringify(toJsonSchema(), null, 2)}\n`);
