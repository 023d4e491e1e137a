/** A number with its interval on the scale of the training targets. */

import { createSvg } from "./dom.js";

const WIDTH = 320;
const HEIGHT = 64;
const MARGIN = 14;
const AXIS = 30;

/** Return a number for people: about four digits that count, commas in large ones. */
export function formatValue(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 });
}

/** Draw {value, lo, hi} into an element. targets: lowest and highest of training. */
export function drawScale(element, { value, lo, hi }, { lowest, highest }) {
  const span = highest - lowest || 1;
  const at = (number) => MARGIN + ((number - lowest) / span) * (WIDTH - 2 * MARGIN);
  const name = `${formatValue(value)}, between ${formatValue(lo)} and ${formatValue(hi)}, on a scale from ${formatValue(lowest)} to ${formatValue(highest)}`;
  element.replaceChildren(
    createSvg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name },
      createSvg("line", { class: "scale-axis", x1: MARGIN, y1: AXIS, x2: WIDTH - MARGIN, y2: AXIS }),
      createSvg("rect", { class: "scale-band", x: at(lo), y: AXIS - 7, width: Math.max(1, at(hi) - at(lo)), height: 14, rx: 3 }),
      createSvg("circle", { class: "scale-value", cx: at(value), cy: AXIS, r: 7 }),
      label(MARGIN, "start", lowest),
      label(WIDTH - MARGIN, "end", highest),
    ),
  );
}

function label(x, anchor, value) {
  return createSvg("text", { class: "scale-end", x, y: HEIGHT - 6, "text-anchor": anchor }, formatValue(value));
}
