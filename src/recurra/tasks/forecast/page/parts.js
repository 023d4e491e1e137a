/** What a forecast is made of: the weights of smoothings, and what the network's part rests on. */

import { formatterOf, runsOf, shortNumber } from "./chart.js";
import { createElement, createSvg, formatNumber, formatPercent } from "./dom.js";

const WIDE = 1000;
const TALL = 100;
/** Units from the top that the line has, and its margins; the bars have the rest. */
const LINE = 72;
const MARGIN = 5;
const MIDDLE = 87;
const BAR = 13;
const FAINT = 0.05;
/** Of the mean width of the band: what contributes less is shown as nothing. */
const LEAST = 1e-3;
const MOST_ROWS = 8;

const KINDS = {
  trend: { none: "no trend", damped: "a trend that dies out", steady: "a trend that goes on", line: "the line from the first value to the last" },
  season: { none: "no season", fixed: "a season that stays", changing: "a season that changes" },
  scale: { values: "the values", logarithms: "their logarithms" },
  level: { slow: "a slow level", medium: "a level neither slow nor fast", fast: "a fast level" },
};
const COVARIATES = { past: "known up to now", future: "known beforehand", static: "of the series" };

/** Return the least that is shown of a contribution to a forecast. */
function leastOf({ forecast }) {
  return LEAST * meanOf(forecast.map(({ hi, lo }) => hi - lo));
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Return a part or a contribution with its sign. */
export function signed(value, explanation) {
  if (Math.abs(value) < leastOf(explanation)) return "0";
  return `${value < 0 ? "\u2212" : "+"}${formatterOf(explanation.forecast)(Math.abs(value))}`;
}

/** Return the forecast and its two parts on average, as a sentence. */
export function summaryOf(explanation) {
  const written = formatterOf(explanation.forecast);
  const [whole, smoothing, network] = ["y", "smoothing", "network"].map((part) => meanOf(explanation.forecast.map((step) => step[part])));
  const steps = explanation.forecast.length;
  const ahead = steps === 1 ? "The next step" : `The next ${formatNumber(steps)} steps on average`;
  const counts = explanation.share
    ? `the network, which counts by ${formatNumber(100 * explanation.share)} % here, adds ${signed(network, explanation)}.`
    : "the network counts for nothing here: it did not make forecasts of such series better in training.";
  return `${ahead}: ${written(whole)}. Smoothing says ${written(smoothing)}; ${counts}`;
}

/** Return what the latest values changed, as a sentence; nothing where that is not known. */
export function latestOf({ latest, ...explanation }) {
  if (!latest) return "";
  const count = latest.to - latest.from;
  const values = count === 1 ? "The last value was" : `The last ${formatNumber(count)} values were`;
  const where = `${count === 1 ? "" : " on average"} ${latest.surprise < 0 ? "below" : "above"}`;
  const change = signed(latest.change, explanation);
  const moved = change === "0" ? "did not move the forecast" : `moved the forecast by ${change}`;
  return (
    `${values} ${formatterOf(explanation.forecast)(Math.abs(latest.surprise))}${where} what would have been forecast before. ` +
    `${count === 1 ? "It" : "They"} ${moved}${explanation.forecast.length === 1 ? "" : " on average"}.`
  );
}

/** Return a list with a bar for each kind of smoothings, those that weigh most first, for each thing that they differ in. */
export function weightsOf({ weights, forecast }) {
  const written = formatterOf(forecast);
  return Object.entries(weights).map(([aspect, kinds]) => {
    const ranked = [...kinds].sort((one, other) => other.weight - one.weight);
    const items = ranked.map(({ kind, weight, y }, place) => {
      const bar = createElement("span");
      bar.style.setProperty("--p", weight);
      const says = y === null || kinds.length === 1 ? "" : `, says ${written(y)}`;
      return createElement(
        "li",
        place ? "" : "first",
        createElement("span", "", KINDS[aspect][kind]),
        createElement("span", "", `${formatPercent(weight)} %${says}`),
        createElement("span", "track", bar),
      );
    });
    return createElement("ul", "bars", ...items);
  });
}

/** Return the history that the network reads, and a bar for what each piece of it contributes. times: of the history. */
export function readFigure(values, times, explanation) {
  const { pieces } = explanation;
  const [first, end] = [pieces[0].from, pieces.at(-1).to];
  const most = Math.max(leastOf(explanation), ...pieces.map(({ contribution }) => Math.abs(contribution)));
  const known = values.slice(first, end).filter((value) => value !== null);
  const [low, high] = known.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const range = known.length ? `${shortNumber(low)} to ${shortNumber(high)}` : "no value is known";
  const label = `The history that the network reads, and what each piece of it contributes: ${range}`;
  const picture = createSvg("svg", { class: "series-line", viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
  const x = (step) => ((step - first) / (end - first)) * WIDE;
  const y = (value) => LINE - MARGIN - (high === low ? 0.5 : (value - low) / (high - low)) * (LINE - 2 * MARGIN);
  for (const piece of pieces) {
    const [left, width] = [x(piece.from), x(piece.to) - x(piece.from)];
    const share = piece.contribution / most;
    const kind = share > 0 ? "for" : "against";
    if (Math.abs(share) >= FAINT) {
      const ground = createSvg("rect", { class: `ground ${kind}`, x: left, y: 0, width, height: LINE });
      ground.style.setProperty("--s", Math.abs(share).toFixed(2));
      picture.append(ground);
    }
    const tall = Math.abs(share) * BAR;
    picture.append(createSvg("rect", { class: `bar ${kind}`, x: left + width * 0.1, y: share > 0 ? MIDDLE - tall : MIDDLE, width: width * 0.8, height: tall }));
  }
  for (const run of runsOf(values.slice(first, end))) {
    const points = (run.length > 1 ? run : [...run, ...run]).map((step) => `${x(first + step + 0.5).toFixed(1)},${y(values[first + step]).toFixed(1)}`);
    picture.append(createSvg("polyline", { points: points.join(" ") }));
  }
  for (const piece of pieces) {
    const title = createSvg("title", {}, `${nameOf(piece, times)}: ${signed(piece.contribution, explanation)}`);
    picture.append(createSvg("rect", { class: "hint", x: x(piece.from), y: 0, width: x(piece.to) - x(piece.from), height: TALL }, title));
  }
  const whole = [timeOf(first, times), timeOf(end - 1, times)].map((text) => createElement("span", "", text));
  return createElement("figure", "", picture, createElement("p", "series-steps small quiet", ...whole));
}

/** Return rows of what contributes most to a step: of what, its contribution on average, and its size. */
export function contributionRows(times, explanation) {
  const all = [
    ...explanation.covariates.map((one) => ({ ...one, title: `${one.covariate} (${COVARIATES[one.kind]})` })),
    ...explanation.pieces.map((one) => ({ ...one, title: nameOf(one, times) })),
  ];
  const found = all.filter(({ size }) => size >= leastOf(explanation)).sort((one, other) => other.size - one.size);
  return found.slice(0, MOST_ROWS).map(({ title, contribution, size }) => {
    const head = createElement("th", "", createElement("bdi", "", title));
    head.scope = "row";
    const cells = [signed(contribution, explanation), formatterOf(explanation.forecast)(size)].map((text) => createElement("td", "number", text));
    return createElement("tr", "", head, ...cells);
  });
}

function timeOf(step, times) {
  return times ? String(times[step]) : `step ${formatNumber(step + 1)}`;
}

function nameOf({ from, to }, times) {
  if (to === from + 1) return timeOf(from, times);
  return times ? `${times[from]} to ${times[to - 1]}` : `steps ${formatNumber(from + 1)} to ${formatNumber(to)}`;
}
