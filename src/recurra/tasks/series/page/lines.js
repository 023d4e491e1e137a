/** The lines of a series, a figure for each channel, coloured by what their windows contribute once that is known. */

import { createElement, createSvg, formatNumber } from "./dom.js";

const WIDE = 1000;
const TALL = 100;
/** Units from the top that the line has, and its margins; the bars have the rest. */
const LINE = 72;
const MARGIN = 5;
const MIDDLE = 87;
const BAR = 13;
/** Points that a window's line has at most, about. */
const POINTS = 48;
const FAINT = 0.05;
export const MOST_LINES = 16;

/** Return a contribution with its sign. */
export function signed(contribution) {
  const size = Math.abs(contribution);
  const text = size >= 0.005 || size === 0 ? size.toFixed(2) : size.toPrecision(2);
  return `${contribution < 0 ? "\u2212" : "+"}${text}`;
}

/** Return steps for people, counted from 1. */
export function stepsOf({ from, to }) {
  return to === from + 1 ? formatNumber(to) : `${formatNumber(from + 1)}\u2013${formatNumber(to)}`;
}

/**
 * Return the figure of a channel. values: of its steps, null where one is missing. windows: [{from, to}] of the
 * explanation, with `contribution` of this channel, and the largest of all channels; none before there is one.
 */
export function figureOf(name, values, windows = [], most = 1) {
  const known = values.filter((value) => value !== null);
  const [low, high] = known.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const range = known.length ? `${formatNumber(low, 3)} to ${formatNumber(high, 3)}` : "no value is known";
  const picture = createSvg("svg", {
    class: "series-line",
    viewBox: `0 0 ${WIDE} ${TALL}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${name}: ${range}`,
  });
  const x = (step) => ((step + 0.5) / values.length) * WIDE;
  const y = (value) => LINE - MARGIN - (high === low ? 0.5 : (value - low) / (high - low)) * (LINE - 2 * MARGIN);
  for (const window of windows) picture.append(...groundOf(window, values.length, most));
  for (const window of windows.length ? windows : [{ from: 0, to: values.length, contribution: 0 }]) {
    for (const run of runsOf(values, window.from, Math.min(values.length, window.to + 1))) {
      const places = fewOf(run, values, windows.length ? POINTS : POINTS * 16);
      const points = (places.length > 1 ? places : [...places, ...places])
        .map((step) => `${x(step).toFixed(1)},${y(values[step]).toFixed(1)}`);
      const line = createSvg("polyline", { points: points.join(" ") });
      paint(line, window.contribution / most);
      picture.append(line);
    }
  }
  picture.append(...windows.map((window) => hintOf(window, values.length)));
  const steps = createElement("p", "series-steps small quiet", createElement("span", "", "step 1"));
  if (values.length > 1) steps.append(createElement("span", "", formatNumber(values.length)));
  const caption = createElement("figcaption", "", createElement("bdi", "", name), createElement("span", "small quiet", range));
  return createElement("figure", "", caption, picture, steps);
}

function paint(element, share) {
  if (Math.abs(share) < FAINT) return;
  element.classList.add(share > 0 ? "for" : "against");
  element.style.setProperty("--s", Math.min(1, Math.abs(share)).toFixed(2));
}

/** Return the ground of a window and its bar, upwards where it speaks for the answer. */
function groundOf({ from, to, contribution }, steps, most) {
  const [left, width] = [(from / steps) * WIDE, ((to - from) / steps) * WIDE];
  const tall = (Math.abs(contribution) / most) * BAR;
  const ground = createSvg("rect", { class: "ground", x: left, y: 0, width, height: LINE });
  paint(ground, contribution / most);
  const bar = createSvg("rect", {
    class: `bar ${contribution > 0 ? "for" : "against"}`,
    x: left + width * 0.1,
    y: contribution > 0 ? MIDDLE - tall : MIDDLE,
    width: width * 0.8,
    height: tall,
  });
  return [ground, bar];
}

/** Return the place to point at for the number of a window. */
function hintOf(window, steps) {
  const title = createSvg("title", {}, `steps ${stepsOf(window)}: ${signed(window.contribution)}`);
  const [x, width] = [(window.from / steps) * WIDE, ((window.to - window.from) / steps) * WIDE];
  return createSvg("rect", { class: "hint", x, y: 0, width, height: TALL }, title);
}

/** Return the runs of steps whose values are known. */
function runsOf(values, from, to) {
  const runs = [];
  for (let step = from; step < to; step++) {
    if (values[step] === null) continue;
    if (step > from && values[step - 1] !== null) runs.at(-1).push(step);
    else runs.push([step]);
  }
  return runs;
}

/** Return the steps of a run that are drawn: of many the ends, and the least and the greatest of each part. */
function fewOf(run, values, most) {
  if (run.length <= most) return run;
  const chosen = new Set([run[0], run.at(-1)]);
  const size = Math.ceil((2 * run.length) / most);
  for (let begin = 0; begin < run.length; begin += size) {
    const part = run.slice(begin, begin + size);
    chosen.add(part.reduce((best, step) => (values[step] < values[best] ? step : best)));
    chosen.add(part.reduce((best, step) => (values[step] > values[best] ? step : best)));
  }
  return run.filter((step) => chosen.has(step));
}
