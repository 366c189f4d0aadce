/**
 * The dashboard of a fleet's adoption, over the series of observability/rules. Its variables narrow every panel, so panels
 * add up series of servers rather than show those of the fleet. `npm run dashboards` writes it as JSON.
 */
import {
  DashboardBuilder,
  type Dashboard,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** What the variables select, as matchers. */
const selected = 'namespace=~"$namespace", vmcp_server_name=~"$server"';
const datasource = { type: 'prometheus', uid: '${datasource}' };

const on = `server:toolhive_vmcp_code_mode_enabled:max{${selected}}`;
const calls = (extra = ''): string => `sum(server:toolhive_vmcp_tool_calls:increase5m{${selected}${extra}})`;
const inner = `sum(server:toolhive_vmcp_script_tool_calls_sum:increase5m{${selected}})`;
/** A model that tries a tool, is refused and then sends the script would count twice. Go's servers refuse nothing. */
const refused = `(sum(server:toolhive_vmcp_code_mode_refusals:increase5m{${selected}}) or vector(0))`;
const moved = (direction: string): string =>
  `sum(server:toolhive_vmcp_script_result_bytes:increase5m{${selected}, direction="${direction}"})`;
const scripts = (extra = ''): string =>
  `sum(server:toolhive_vmcp_script_executions:increase5m{${selected}${extra}})`;

/** Raw series of the instances of selected servers. */
const ofServers = `* on (job, instance) group_left () (instance:toolhive_vmcp_code_mode_enabled:last5m{${selected}} >= bool 0)`;

/** Quantile of a script histogram. `le` is written "1" in Prometheus text and "1.0" in OpenMetrics: they are one bucket. */
function quantile(q: number, series: string): string {
  const buckets = `label_replace(rate(${series}_bucket[5m]), "le", "$1", "le", "(.+)\\\\.0")`;
  return `histogram_quantile(${q}, sum by (le) (${buckets} ${ofServers}))`;
}

interface Line {
  readonly expr: string;
  readonly legend: string;
}

function query({ expr, legend }: Line): DataqueryBuilder {
  return new DataqueryBuilder().expr(expr).legendFormat(legend).datasource(datasource);
}

interface PanelText {
  readonly title: string;
  readonly description: string;
}

function stat({ title, description }: PanelText, expr: string, unit = 'short'): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: 'blue' }]),
    )
    .span(4)
    .height(4)
    .withTarget(query({ expr, legend: title }).instant());
}

function graph({ title, description }: PanelText, lines: readonly Line[], unit = 'short'): TimeSeriesBuilder {
  const panel = new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .min(0)
    .span(12)
    .height(8);
  for (const [i, line] of lines.entries()) panel.withTarget(query(line).refId(String.fromCodePoint(65 + i)));
  return panel;
}

function stacked(panel: TimeSeriesBuilder): TimeSeriesBuilder {
  return panel.fillOpacity(40).stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
}

function table({ title, description }: PanelText, expr: string): TableBuilder {
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(12)
    .height(8)
    .withTarget(query({ expr, legend: '' }).instant().format(PromQueryFormat.Table));
}

function variables(): [DatasourceVariableBuilder, QueryVariableBuilder, QueryVariableBuilder] {
  const labels = (name: string, label: string, series: string): QueryVariableBuilder =>
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(datasource)
      .query(`label_values(${series}, ${name === 'namespace' ? 'namespace' : 'vmcp_server_name'})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .multi(true)
      .includeAll(true)
      .allValue('.*');
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labels('namespace', 'Namespace or job', 'server:toolhive_vmcp_code_mode_enabled:max'),
    labels('server', 'Server', 'server:toolhive_vmcp_code_mode_enabled:max{namespace=~"$namespace"}'),
  ];
}

/** Builds the dashboard. */
export function buildDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Code mode adoption')
    .uid('vmcp-code-mode')
    .description('Which virtual MCP servers have code mode on, whether it is used, and how it fares.')
    .tags(['mcp', 'vmcp', 'code-mode'])
    .time({ from: 'now-7d', to: 'now' })
    .refresh('1m')
    .timezone('browser');
  for (const variable of variables()) dashboard.withVariable(variable);
  addAdoption(dashboard);
  addTraffic(dashboard);
  addSuccess(dashboard);
  addCallsPerScript(dashboard);
  addSavings(dashboard);
  addServers(dashboard);
  return dashboard.build();
}

function addAdoption(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Adoption'))
    .withPanel(
      stat({ title: 'Reporting', description: 'Servers that report now.' }, `count(${on}) or vector(0)`),
    )
    .withPanel(
      stat({ title: 'Opted in', description: 'Servers with code mode on.' }, `sum(${on}) or vector(0)`),
    )
    .withPanel(
      stat(
        { title: 'Opted in, share', description: 'Of the servers that report.' },
        `sum(${on}) / count(${on})`,
        'percentunit',
      ),
    )
    .withPanel(
      stat(
        {
          title: 'On in 30 days',
          description: 'Servers that had code mode on at any time, gone ones included.',
        },
        `sum(server:toolhive_vmcp_code_mode_enabled:max30d{${selected}}) or vector(0)`,
      ),
    )
    .withPanel(
      stat(
        { title: 'Dormant for 7 days', description: 'On, and not one script.' },
        `count(server:toolhive_vmcp_code_mode_enabled:dormant7d{${selected}}) or vector(0)`,
      ),
    )
    .withPanel(
      stat(
        { title: 'Replicas disagree', description: 'Servers in the middle of a rollout.' },
        `count(${on} > server:toolhive_vmcp_code_mode_enabled:min{${selected}}) or vector(0)`,
      ),
    )
    .withPanel(
      graph({ title: 'Servers', description: 'Reporting, and with code mode on.' }, [
        { expr: `count(${on})`, legend: 'reporting' },
        { expr: `sum(${on})`, legend: 'opted in' },
      ]).span(24),
    );
}

function addTraffic(dashboard: DashboardBuilder): void {
  const script = ', method="execute_tool_script"';
  const regular = ', method="tool_call"';
  dashboard
    .withRow(new RowBuilder('Traffic'))
    .withPanel(
      stacked(
        graph(
          {
            title: 'Calls of clients',
            description: 'By the tool that ran and by outcome. Calls that scripts make are not in it.',
          },
          [
            {
              expr: `sum by (method, status) (server:toolhive_vmcp_tool_calls:rate5m{${selected}})`,
              legend: '{{method}} {{status}}',
            },
          ],
          'reqps',
        ),
      ),
    )
    .withPanel(
      graph(
        {
          title: 'Shares',
          description:
            'Scripts of all calls, and inner calls of inner and regular calls, without direct calls that were refused. Nothing where nothing was called.',
        },
        [
          {
            expr: `(${calls(script)} or ${calls()} * 0) / ((${calls()} - ${refused}) > 0)`,
            legend: 'script share of calls',
          },
          {
            expr: `(${inner} or ${calls()} * 0) / (((${inner} or ${calls()} * 0) + (${calls(regular)} or ${calls()} * 0) - ${refused}) > 0)`,
            legend: 'share of the work',
          },
        ],
        'percentunit',
      ).max(1),
    );
}

function addSuccess(dashboard: DashboardBuilder): void {
  const duration = 'toolhive_vmcp_script_duration_seconds';
  dashboard
    .withRow(new RowBuilder('Success and duration'))
    .withPanel(
      graph(
        { title: 'Scripts that succeed', description: 'Of all scripts, cancelled ones included.' },
        [
          {
            expr: `(${scripts(', status="success"')} or ${scripts()} * 0) / (${scripts()} > 0)`,
            legend: 'success',
          },
        ],
        'percentunit',
      ).max(1),
    )
    .withPanel(
      stacked(
        graph({ title: 'Scripts by outcome', description: 'In five minutes.' }, [
          {
            expr: `sum by (status) (server:toolhive_vmcp_script_executions:increase5m{${selected}})`,
            legend: '{{status}}',
          },
        ]),
      ),
    )
    .withPanel(
      graph(
        {
          title: 'Duration of scripts',
          description: 'From the call to its outcome. Nothing where no script ran.',
        },
        [
          { expr: quantile(0.5, duration), legend: 'median' },
          { expr: quantile(0.95, duration), legend: '95th percentile' },
        ],
        's',
      ).span(24),
    );
}

function addCallsPerScript(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Calls per script'))
    .withPanel(
      graph(
        {
          title: 'Calls saved per script',
          description: 'Inner calls per script, less the one that it is itself.',
        },
        [{ expr: `${inner} / (${scripts()} > 0) - 1`, legend: 'saved' }],
      ),
    )
    .withPanel(
      graph({ title: 'Inner calls of a script', description: 'How they spread.' }, [
        { expr: quantile(0.5, 'toolhive_vmcp_script_tool_calls'), legend: 'median' },
        { expr: quantile(0.95, 'toolhive_vmcp_script_tool_calls'), legend: '95th percentile' },
      ]),
    )
    .withPanel(
      graph({ title: 'Branches of parallel()', description: 'Started per second.' }, [
        {
          expr: `sum(rate(toolhive_vmcp_script_parallel_goroutines_total[5m]) ${ofServers})`,
          legend: 'branches',
        },
      ]).span(24),
    );
}

function addSavings(dashboard: DashboardBuilder): void {
  const kept = `clamp_min(${moved('tool')} - ${moved('client')}, 0)`;
  const kept30d = `sum(server:toolhive_vmcp_script_result_bytes:kept_out30d{${selected}})`;
  const seconds = (series: string): string =>
    `sum(server:toolhive_vmcp_${series}_duration_seconds_sum:increase5m{${selected}})`;
  const size = (view: string): string => `max(toolhive_vmcp_tool_list_bytes{view="${view}"} ${ofServers})`;
  dashboard
    .withRow(new RowBuilder('What it saves'))
    .withPanel(
      stat(
        {
          title: 'Kept out of the context in 30 days',
          description: 'Bytes that scripts received and did not answer. An hour counts once it is over.',
        },
        kept30d,
        'decbytes',
      ).span(8),
    )
    .withPanel(
      stat(
        { title: 'Tokens, estimated', description: 'The same at 4 bytes a token: an estimate.' },
        `${kept30d} / 4`,
      ).span(8),
    )
    .withPanel(
      stat(
        {
          title: 'Direct calls refused in 30 days',
          description: 'By servers whose mode is enforced. They are in no share.',
        },
        `sum(server:toolhive_vmcp_code_mode_refusals:increase30d{${selected}}) or vector(0)`,
      ).span(8),
    )
    .withPanel(
      graph(
        { title: 'Bytes of results', description: 'In five minutes.' },
        [
          { expr: moved('tool'), legend: 'received by scripts' },
          { expr: moved('client'), legend: 'answered to clients' },
          { expr: kept, legend: 'kept out of the context' },
        ],
        'decbytes',
      ),
    )
    .withPanel(
      graph(
        {
          title: 'Time of scripts',
          description:
            'In five minutes. Calls one after another is an estimate: the time of a model between them is left out.',
        },
        [
          { expr: seconds('script'), legend: 'scripts' },
          { expr: seconds('script_tool_call'), legend: 'their calls, one after another' },
        ],
        's',
      ),
    )
    .withPanel(
      graph(
        {
          title: 'Size of the tool list',
          description:
            'The largest of the servers selected: all tools, and what a client in code mode is listed.',
        },
        [
          { expr: size('all'), legend: 'all tools' },
          { expr: size('code_mode'), legend: 'code mode' },
        ],
        'decbytes',
      ),
    )
    .withPanel(
      graph({ title: 'Modes', description: 'Processes by the mode in force.' }, [
        {
          expr: `sum by (mode) (toolhive_vmcp_code_mode_info ${ofServers})`,
          legend: '{{mode}}',
        },
      ]),
    );
}

function addServers(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Servers'))
    .withPanel(
      table(
        { title: 'Most scripts in 30 days', description: 'An hour counts once it is over.' },
        `topk(20, sum by (namespace, vmcp_server_name) (server:toolhive_vmcp_tool_calls:increase30d{${selected}, method="execute_tool_script"}))`,
      ),
    )
    .withPanel(
      table(
        { title: 'Script share of calls in the last hour', description: 'Per server.' },
        `server:toolhive_vmcp_tool_calls:script_ratio1h{${selected}}`,
      ),
    )
    .withPanel(
      table(
        {
          title: 'Dormant for an hour',
          description: 'On for at least nine tenths of the hour, and not one script.',
        },
        `server:toolhive_vmcp_code_mode_enabled:dormant1h{${selected}}`,
      ),
    )
    .withPanel(
      table(
        { title: 'Dormant for 30 days', description: 'As far back as there is a record.' },
        `server:toolhive_vmcp_code_mode_enabled:dormant30d{${selected}}`,
      ),
    );
}
