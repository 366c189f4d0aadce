/** The report in plain words, one sentence for each thing that a maintainer asks. */
import type { AdoptionReport } from './report.ts';
import { totalOf } from './traffic.ts';
import { bytes, decimal, duration, percent, plural, span, time, withCommas } from './words.ts';

type Figures = Omit<AdoptionReport, 'sentences'>;

export function toSentences(report: Figures): string[] {
  return [
    ...coverage(report),
    reporting(report),
    used(report),
    shares(report),
    success(report),
    ...savings(report),
    ...refusals(report),
    growth(report),
    ...dormant(report),
    ...notOptedIn(report),
    ...limits(report),
    ...report.warnings
      .slice(0, 3)
      .map((warning) => `Prometheus warns that its answers may not be whole: ${warning}`),
  ].filter((sentence) => sentence !== '');
}

function coverage({ window }: Figures): string[] {
  const said: string[] = [];
  if (!window.complete) {
    said.push(
      `Of the ${duration(window.to - window.from)} asked for, Prometheus has data for the last ` +
        `${duration(window.to - window.dataFrom).replace(/^1 /, '')}, since ${time(window.dataFrom)}: ` +
        'everything here is about that time.' +
        (isCutAtDefault(window) ? ' It keeps 15 days unless told otherwise.' : ''),
    );
  }
  if (window.gaps.length > 0) {
    const missing = window.gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    said.push(
      `In that time nothing was recorded for ${duration(missing)} (${plural(window.gaps.length, 'gap')}); calls then are not counted in full.`,
    );
  }
  return said;
}

/** True where the data may begin where it does because Prometheus has thrown away what is older, as it does by itself. */
function isCutAtDefault({ from, to, dataFrom }: Figures['window']): boolean {
  const kept = 15 * 86_400;
  return to - from > kept && to - dataFrom < kept + 86_400;
}

function reporting({ funnel, everOptedIn }: Figures): string {
  const { reporting: servers, optedIn } = funnel;
  const ever = (what: string): string =>
    everOptedIn > optedIn ? ` (${withCommas(everOptedIn)} had ${what} on at some time)` : '';
  if (servers === 0) return `No server reports now${ever('code mode')}.`;
  if (servers === 1)
    return `The one server that reports has code mode ${optedIn === 1 ? 'on' : 'off'}${ever('it')}.`;
  if (optedIn === 0) return `None of ${plural(servers, 'server')} reporting has code mode on${ever('it')}.`;
  return `${withCommas(optedIn)} of ${plural(servers, 'server')} reporting (${percent(optedIn / servers)}) ${optedIn === 1 ? 'has' : 'have'} code mode on${ever('it')}.`;
}

/** About the servers that the sentence before has counted. */
function used({ funnel }: Figures): string {
  const { optedIn, used: inUse, succeeding } = funnel;
  if (optedIn === 0) return '';
  if (inUse === 0) return optedIn === 1 ? 'It has run no script.' : 'None of these has run a script.';
  const half = `${succeeding === 1 ? 'at least' : 'less than'} half of them succeeded`;
  if (optedIn === 1) return `It has run scripts, and ${half}.`;
  if (inUse === 1) return `1 of these ${withCommas(optedIn)} has run scripts, and ${half}.`;
  const who = inUse === optedIn ? 'All of these' : `${withCommas(inUse)} of these ${withCommas(optedIn)}`;
  const where = succeeding === inUse ? 'all' : succeeding === 0 ? 'none' : withCommas(succeeding);
  return `${who} have run scripts, and on ${where} of them at least half of the scripts succeeded.`;
}

function shares({ total }: Figures): string {
  const scripts = totalOf(total.scriptCalls);
  const calls = scripts + totalOf(total.regularCalls);
  if (calls === 0) return 'No client has called a tool.';
  const made = `Clients made ${plural(calls, 'tool call')}`;
  if (scripts === 0) return `${made}, ${calls === 1 ? 'which was no script' : 'none of them a script'}.`;
  const they = scripts === 1 ? 'it' : 'they';
  const work =
    total.innerCalls === 0
      ? `${they} made no tool call`
      : `${they} made ${plural(total.innerCalls, 'tool call')}, ${percent(total.workShare)} of tool work`;
  if (scripts === calls) return `${made}, ${calls === 1 ? 'a script' : 'all of them scripts'}; ${work}.`;
  return (
    `Of ${plural(calls, 'tool call')} that clients made, ${withCommas(scripts)} (${percent(total.scriptShare)}) ` +
    `${scripts === 1 ? 'was a script' : 'were scripts'}; ${work}.`
  );
}

function success({ total: { scripts, scriptSuccess, callsSavedPerScript, innerCalls } }: Figures): string {
  if (scriptSuccess === null || callsSavedPerScript === null) return '';
  const ended = Object.values(scripts).reduce((sum, count) => sum + count, 0);
  if (ended === 1) {
    const spared = innerCalls > 1 ? plural(innerCalls - 1, 'call') : 'no call';
    return `The script ${scriptSuccess === 1 ? 'succeeded' : 'did not succeed'}, and spared its client ${spared}.`;
  }
  const saved = decimal(callsSavedPerScript);
  const spared =
    Number.parseFloat(saved) > 0
      ? `a script spares its client ${saved} calls on average`
      : `scripts spare their clients no calls: they make ${decimal(callsSavedPerScript + 1)} each on average`;
  const part = percent(scriptSuccess).replace('>', 'More than ').replace('<', 'Less than ');
  return `${part} of the scripts succeeded, and ${spared}.`;
}

/** What was counted, and what is an estimate. */
function savings({ total }: Figures): string[] {
  const { resultBytes, bytesKeptOut, tokensKeptOutEstimate, seconds, callsSaved, secondsSavedEstimate } =
    total;
  const said: string[] = [];
  // What one script saved, and that scripts saved next to nothing, has been said.
  const isNew = totalOf(total.scriptCalls) > 1 && Number.parseFloat(decimal(total.callsSavedPerScript)) > 0;
  const calls = callsSaved === 0 || !isNew ? '' : `Scripts saved ${plural(callsSaved, 'call')}`;
  if (resultBytes !== null && bytesKeptOut !== null && resultBytes.received > 0) {
    const kept =
      bytesKeptOut === 0
        ? `they answered no fewer bytes than the ${bytes(resultBytes.received)} that they received`
        : `of ${bytes(resultBytes.received)} that they received, ${bytes(bytesKeptOut)} stayed out of the model's ` +
          `context, an estimated ${plural(tokensKeptOutEstimate ?? 0, 'token')} at 4 bytes each`;
    said.push(calls === '' ? `Scripts: ${kept}.` : `${calls}; ${kept}.`);
  } else if (calls !== '') said.push(`${calls}.`);
  if (seconds !== null && secondsSavedEstimate !== null && seconds.calls > 0) {
    said.push(
      `Scripts took ${span(seconds.scripts)}; their calls one after another would have taken ${span(seconds.calls)}, ` +
        "an estimate that leaves a model's own time out.",
    );
  }
  return said;
}

function refusals({ total: { refusedCalls } }: Figures): string[] {
  if (refusedCalls === 0) return [];
  const [was, is] = refusedCalls === 1 ? ['was', 'it is'] : ['were', 'they are'];
  return [
    `${plural(refusedCalls, 'direct call')} ${was} refused where code mode is enforced; ${is} in no share here.`,
  ];
}

function notOptedIn({ notOptedIn: servers, funnel }: Figures): string[] {
  const [first] = servers;
  if (first === undefined || funnel.reporting < 2) return [];
  const calls = servers.reduce((sum, { regularCalls }) => sum + totalOf(regularCalls), 0);
  const most = totalOf(first.regularCalls);
  const busiest =
    most === 0 || servers.length === 1 ? '' : `, most of them to ${first.namespace}/${first.name}`;
  return [
    `${plural(servers.length, 'server')} ${servers.length === 1 ? 'has' : 'have'} code mode off, with ` +
      `${plural(calls, 'regular call')}${most * 2 > calls ? busiest : ''}.`,
  ];
}

function growth({ growth: { firstHalf, secondHalf, trend } }: Figures): string {
  if (trend === null) return '';
  const [before, after] = [percent(firstHalf), percent(secondHalf)];
  if (trend === 'same' && before === after) return `The share of scripts among calls has stayed at ${after}.`;
  if (trend === 'same')
    return (
      'The share of scripts among calls is about the same in both halves of the time: ' +
      `${before}, then ${after}.`
    );
  return `The share of scripts among calls has ${trend} from ${before} in the first half of the time to ${after} in the second.`;
}

function dormant({ dormant: servers, funnel }: Figures): string[] {
  if (servers.length === 0 || funnel.optedIn === 0) return [];
  const calls = servers.reduce((sum, { regularCalls }) => sum + totalOf(regularCalls), 0);
  const verb = servers.length === 1 ? 'is' : 'are';
  return [
    `${plural(servers.length, 'server')} with code mode on ${verb} dormant: no script, ${calls === 0 ? 'nor any regular call' : `but ${plural(calls, 'regular call')}`}.`,
  ];
}

function limits({ disagreeing, instancesWithoutMetrics, missingMetrics }: Figures): string[] {
  const said: string[] = [];
  if (disagreeing > 0) {
    said.push(
      `The replicas of ${plural(disagreeing, 'server')} disagree on code mode, as in a rollout; such a server counts as on.`,
    );
  }
  if (instancesWithoutMetrics > 0) {
    const [is, lacks, they] =
      instancesWithoutMetrics === 1 ? ['is', 'lacks', 'It is'] : ['are', 'lack', 'They are'];
    said.push(
      `${plural(instancesWithoutMetrics, 'instance')} beside those that report ${is} up and ${lacks} the metrics: ` +
        `an older version, most likely. ${they} in no number here.`,
    );
  }
  if (missingMetrics.length > 0) {
    said.push(`No instance reports ${missingMetrics.join(' or ')}, so what depends on it is left out.`);
  }
  return said;
}
