import { z } from 'zod';
import type { TelemetryConfig } from './config.ts';
import { isHeaderValue } from '../../lib/header-text.ts';
import { isFilled, isYes, where } from '../kit/editor-rules.ts';
import { compact, flag, headerName, section, textMap } from '../kit/parts.ts';

/** The block `telemetry`. */
export const telemetrySchema: z.ZodType<TelemetryConfig> = section({
  endpoint: z
    .string()
    .refine(isEndpoint, { error: 'expected host:port, or a URL that begins with http:// or https://' })
    .meta({ pattern: String.raw`^$|^https?://[^\s/?#]|^(?:[^\s/:@]+|\[[^\]]+\]):\d+(?:/\S*)?$` })
    .optional()
    .describe('Where OTLP (HTTP, protobuf) goes, as host:port or a URL.'),
  serviceName: z
    .string()
    .optional()
    .describe('service.name of everything exported; the name of this server unless written.'),
  serviceVersion: z.string().optional().describe('service.version of everything exported.'),
  tracingEnabled: flag(false).describe('Pushes traces to the endpoint.'),
  metricsEnabled: flag(false).describe('Pushes metrics to the endpoint.'),
  samplingRate: z
    .union([z.string(), z.number()], { error: 'expected a share between 0 and 1, such as "0.05"' })
    .refine(isRate, { error: 'expected a share between 0 and 1, such as "0.05"' })
    .meta({ minimum: 0, maximum: 1, pattern: String.raw`^$|^(?:0*(?:\.\d+)?|0+\.|0*1(?:\.0*)?)$|\$\{` })
    .prefault('0.05')
    .describe('Share of traces that are kept, 0 to 1.'),
  headers: z
    .record(
      headerName(),
      // Says what was found, or else the value would be shown, which may be a secret.
      z.string().refine(isHeaderValue, {
        error: 'expected the value of an HTTP header, found a character that none may hold',
      }).meta({ pattern: String.raw`^[\t -~\x80-\xff]*$` }),
    )
    .prefault({})
    .describe('Headers sent to the endpoint.'),
  insecure: flag(false).describe('Speaks HTTP to an endpoint given as host:port, instead of HTTPS.'),
  enablePrometheusMetricsPath: flag(true).describe('Serves /metrics.'),
  prometheusPort: z.int().min(0).max(65_535).optional().describe('A second port for /metrics; 0 is none.'),
  metricsOnTransportPort: flag(true).describe('Serves /metrics on the port of /mcp.'),
  environmentVariables: z
    .array(z.string())
    .prefault([])
    .describe('Names of environment variables to put on spans.'),
  customAttributes: textMap().describe('Resource attributes of everything exported.'),
  useLegacyAttributes: flag(true).describe('Writes the attribute names of before the MCP conventions too.'),
  caCertPath: z
    .string()
    .optional()
    .describe('PEM file to verify the endpoint with; relative to the configuration file.'),
}).meta(where(isFilled('endpoint'), { anyOf: [isYes('tracingEnabled'), isYes('metricsEnabled')] })).transform(({ samplingRate, endpoint, serviceName, serviceVersion, prometheusPort, caCertPath, ...rest }) =>
  compact({
    ...rest,
    samplingRate: Number(samplingRate || '0.05'),
    // ToolHive reads an empty text, and port 0, as "not set".
    endpoint: endpoint || undefined,
    serviceName: serviceName || undefined,
    serviceVersion: serviceVersion || undefined,
    prometheusPort: prometheusPort || undefined,
    caCertPath: caCertPath || undefined,
  }),
);

function isEndpoint(text: string): boolean {
  if (text === '') return true;
  if (/^https?:\/\//.test(text)) return URL.canParse(text);
  // Which ports and which brackets are sound, URLs know.
  return /^(?:[^\s/:@]+|\[[^\]]+\]):\d+(?:\/\S*)?$/.test(text) && URL.canParse(`https://${text}`);
}

function isRate(written: string | number): boolean {
  const rate = Number(written);
  return rate >= 0 && rate <= 1;
}
