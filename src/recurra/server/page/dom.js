/** Elements of the page. Text goes in as text only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Return the element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Return a new element with a class and content: texts and elements. */
export function createElement(tag, className = "", ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** Return a new SVG element with attributes. */
export function createSvg(tag, attributes, ...content) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** Set an element's text. The same text again is no change, so that a screen reader does not repeat it. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return the text without lone surrogates, which JSON in UTF-8 cannot hold; indices do not change. */
export function wellFormed(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/** Return a number with commas, at most `digits` after the point. */
export function formatNumber(number, digits = 0) {
  return number.toLocaleString("en", { maximumFractionDigits: digits });
}

/** Return a probability in percent, without the sign; never 0.0 or 100.0 for what is neither. */
export function formatPercent(probability) {
  const value = 100 * probability;
  if (value > 0 && value < 0.05) return "<0.1";
  if (value < 100 && value >= 99.95) return ">99.9";
  return value.toFixed(1);
}

/** Return a number of bytes for people. */
export function formatBytes(number) {
  const units = ["bytes", "KB", "MB", "GB"];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1024, unit + 1];
  return `${formatNumber(number, unit ? 1 : 0)} ${units[unit]}`;
}
