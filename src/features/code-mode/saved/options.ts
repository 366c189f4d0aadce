/** The block `codeMode.tools`: scripts that are tools. */
import { jsonObject, list, openText, section, someText, type z } from '../../../config/kit/index.ts';

/** What the protocol advises names of tools to be. */
const toolName = /^[A-Za-z0-9_.-]{1,128}$/u;

const savedTool = section({
  name: someText()
    .refine((name) => toolName.test(name), {
      error: 'expected 1 to 128 letters, digits, "_", "-" and "."',
    })
    .refine((name) => name !== 'execute_tool_script', { error: 'this is the name of the script tool' })
    .describe("The tool's name; no backend's tool may have it."),
  title: openText().describe('A name for people.'),
  description: someText().describe('What the tool is for, as a model reads it.'),
  inputSchema: jsonObject().describe(
    'The JSON Schema of its arguments; each becomes a variable of the script.',
  ),
  outputSchema: jsonObject().optional().describe('The JSON Schema of the dict that the script returns.'),
  script: openText().describe('The script itself; or `file`.'),
  file: openText().describe(
    'The file with the script, relative to the configuration; a change takes effect at once.',
  ),
  annotations: jsonObject()
    .optional()
    .describe('What the tool says of itself, such as `readOnlyHint: true`.'),
})
  .superRefine(({ script, file }, context) => {
    if ((script === undefined) !== (file === undefined)) return;
    const message = `expected either "script" or "file", found ${script === undefined ? 'neither' : 'both'}`;
    context.addIssue({ code: 'custom', message, path: [] });
  })
  .superRefine(({ inputSchema, outputSchema }, context) => {
    for (const [key, schema] of Object.entries({ inputSchema, outputSchema })) {
      if (schema === undefined || schema['type'] === 'object') continue;
      context.addIssue({ code: 'custom', message: 'expected a schema with "type: object"', path: [key] });
    }
  });

export const savedTools = list(savedTool)
  .superRefine((tools, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of tools.entries()) {
      if (names.has(name))
        context.addIssue({
          code: 'custom',
          message: `the tool ${JSON.stringify(name)} is here twice`,
          path: [index, 'name'],
        });
      names.add(name);
    }
  })
  .describe('Reviewed scripts that are tools.');

export type SavedToolOptions = z.output<typeof savedTool>;
