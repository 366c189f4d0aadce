/** The report in plain words, one sentence for each thing that a maintainer asks. */
import type { AdoptionReport } from './report.ts';
import { totalOf } from './traffic.ts';
import { decimal, duration, percent, plural, time, withCommas } from './words.ts';

type Figures = Omit<AdoptionReport, 'sentences'>;

export function toSentences(report: Figures): string[] {
  return [
    ...coverage(report),
    reporting(report),
    used(report),
    shares(report),
    success(report),
    growth(report),
    ...dormant(report),
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
        `${duration(window.to - window.dataFrom)}, since ${time(window.dataFrom)}: everything here is about these.` +
        (window.to - window.from > 15 * 86_400 ? ' It keeps 15 days unless told otherwise.' : ''),
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

function reporting({ funnel, everOptedIn }: Figures): string {
  const { reporting: servers, optedIn } = funnel;
  const ever = everOptedIn > optedIn ? ` (${withCommas(everOptedIn)} had it on at some time)` : '';
  if (servers === 0) return `No server reports now${ever}.`;
  if (optedIn === 0) return `None of ${plural(servers, 'server')} reporting has code mode on${ever}.`;
  return `${withCommas(optedIn)} of ${plural(servers, 'server')} reporting (${percent(optedIn / servers)}) ${optedIn === 1 ? 'has' : 'have'} code mode on${ever}.`;
}

function used({ funnel }: Figures): string {
  const { optedIn, used: inUse, succeeding } = funnel;
  if (optedIn === 0) return '';
  if (inUse === 0) return 'Not one of these has run a script.';
  return (
    `${withCommas(inUse)} of these ${withCommas(optedIn)} ${inUse === 1 ? 'has' : 'have'} run scripts, ` +
    `and on ${withCommas(succeeding)} of them at least half of the scripts succeeded.`
  );
}

function shares({ total }: Figures): string {
  const scripts = totalOf(total.scriptCalls);
  const calls = scripts + totalOf(total.regularCalls);
  if (calls === 0) return 'No client has called a tool.';
  if (scripts === 0) return `Clients made ${plural(calls, 'tool call')}, none of them a script.`;
  return (
    `Of ${plural(calls, 'tool call')} that clients made, ${withCommas(scripts)} (${percent(total.scriptShare)}) ` +
    `${scripts === 1 ? 'was a script' : 'were scripts'}; they did ${percent(total.workShare)} of the work, ` +
    `with ${plural(total.innerCalls, 'call')} of their own.`
  );
}

function success({ total }: Figures): string {
  if (total.scriptSuccess === null) return '';
  const saved = total.callsSavedPerScript ?? 0;
  const spared =
    saved > 0
      ? `a script spares its client ${decimal(saved)} calls on average`
      : 'scripts spare their clients no calls: they make one call each, or none';
  return `${percent(total.scriptSuccess)} of the scripts succeeded, and ${spared}.`;
}

function growth({ growth: { firstHalf, secondHalf } }: Figures): string {
  if (firstHalf === null || secondHalf === null) return '';
  const [before, after] = [percent(firstHalf), percent(secondHalf)];
  if (before === after) return `The share of scripts among calls has stayed at ${after}.`;
  const went = secondHalf > firstHalf ? 'grown' : 'fallen';
  return `The share of scripts among calls has ${went} from ${before} in the first half of the time to ${after} in the second.`;
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
    said.push(
      `${plural(instancesWithoutMetrics, 'instance')} beside those that report ${instancesWithoutMetrics === 1 ? 'is' : 'are'} up and ` +
        `${instancesWithoutMetrics === 1 ? 'lacks' : 'lack'} the metrics: an older version, most likely. They are in no number here.`,
    );
  }
  if (missingMetrics.length > 0) {
    said.push(`No instance reports ${missingMetrics.join(' nor ')}, so what depends on it is left out.`);
  }
  return said;
}
