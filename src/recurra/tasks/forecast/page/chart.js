/** The chart of a history and its forecast. */

import { createElement, createSvg } from "./dom.js";

const WIDE = 1000;
const TALL = 260;
const MARGIN = 10;
/** Steps of the history that are drawn for each step of the forecast, and at least. */
const EACH = 5;
const LEAST = 40;
const LARGEST = 1e12;
const MOST_DECIMALS = 9;

/** Return a number with four digits that count. */
export function shortNumber(value) {
  const size = Math.abs(value);
  if (size >= 1e7 || (size < 1e-3 && size > 0)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1e4 ? 6 : 4 });
}

/** Return what writes values with as many decimals as the band of a forecast is told with three digits. */
export function formatterOf(forecast) {
  const width = forecast.reduce((sum, { hi, lo }) => sum + (hi - lo), 0) / forecast.length;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(width)));
  if (!(digits <= MOST_DECIMALS)) return shortNumber;
  return (value) => {
    if (Math.abs(value) >= LARGEST) return shortNumber(value);
    return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
}

/** Return the figure. values: [T], null where missing; forecast: [{ds, y, lo, hi}], which may have
 * `smoothing` as well; times: of the values, null where they have none. */
export function chartOf(values, forecast, times) {
  const shown = Math.min(values.length, Math.max(EACH * forecast.length, LEAST));
  const history = values.slice(-shown);
  const all = [...history.filter((value) => value !== null), ...forecast.flatMap(({ lo, hi, y, smoothing = y }) => [lo, hi, y, smoothing])];
  const [low, high] = all.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const steps = shown + forecast.length;
  const x = (step) => ((step + 0.5) / steps) * WIDE;
  const y = (value) => TALL - MARGIN - (high === low ? 0.5 : (value - low) / (high - low)) * (TALL - 2 * MARGIN);
  const point = (step, value) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`;
  const end = forecast.at(-1);
  const picture = createSvg("svg", {
    viewBox: `0 0 ${WIDE} ${TALL}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `Forecast of ${forecast.length} steps; the last is ${shortNumber(end.y)}, between ${shortNumber(end.lo)} and ${shortNumber(end.hi)}.`,
  });
  const edge = [
    ...forecast.map(({ hi }, step) => point(shown + step, hi)),
    ...forecast.map(({ lo }, step) => point(shown + step, lo)).reverse(),
  ];
  picture.append(createSvg("polygon", { class: "spread", points: edge.join(" ") }));
  picture.append(createSvg("line", { class: "now", x1: x(shown - 0.5), x2: x(shown - 0.5), y1: 0, y2: TALL }));
  for (const run of runsOf(history)) {
    const points = (run.length > 1 ? run : [...run, ...run]).map((step) => point(step, history[step]));
    picture.append(createSvg("polyline", { class: "history", points: points.join(" ") }));
  }
  const middle = forecast.map((step, place) => point(shown + place, step.y));
  if ("smoothing" in end) {
    const points = forecast.map(({ smoothing }, step) => point(shown + step, smoothing));
    picture.append(createSvg("polyline", { class: "smoothing", points: points.join(" ") }));
  }
  const last = history.at(-1);
  picture.append(createSvg("polyline", { class: "middle", points: [last === null ? "" : point(shown - 1, last), ...middle].join(" ").trim() }));
  const began = times ? times.at(-shown) : `step ${values.length - shown + 1}`;
  const range = createElement("p", "forecast-steps small quiet", createElement("span", "", `${shortNumber(low)} to ${shortNumber(high)}`));
  const axis = createElement("p", "forecast-steps small quiet", createElement("span", "", String(began)), createElement("span", "", String(end.ds)));
  return createElement("figure", "", range, picture, axis);
}

/** Return the runs of steps whose values are known. */
export function runsOf(values) {
  const runs = [];
  values.forEach((value, step) => {
    if (value === null) return;
    if (step > 0 && values[step - 1] !== null) runs.at(-1).push(step);
    else runs.push([step]);
  });
  return runs;
}
