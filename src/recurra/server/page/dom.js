/** Elements of the page. Text goes in as text only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Return the element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Return a new element with a class and content: texts and elements. */
export function made(tag, className = "", ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** Return a new SVG element with attributes. */
export function drawn(tag, attributes, ...content) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** Put a sentence, or none, into an element. The same one again is no change, so that nobody hears it twice. */
export function tell(element, sentence) {
  if (element.textContent !== sentence) element.textContent = sentence;
}

/** Return the text without halves of surrogate pairs, which JSON in UTF-8 cannot hold; places stay as they are. */
export function wellFormed(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/** Return a number with commas, at most `digits` after the point. */
export function counted(number, digits = 0) {
  return number.toLocaleString("en", { maximumFractionDigits: digits });
}

/** Return a probability in percent, without the sign; never 0.0 or 100.0 for what is neither. */
export function percent(probability) {
  const value = 100 * probability;
  if (value > 0 && value < 0.05) return "<0.1";
  if (value < 100 && value >= 99.95) return ">99.9";
  return value.toFixed(1);
}

/** Return a number of bytes for people. */
export function bytes(number) {
  const units = ["bytes", "KB", "MB", "GB"];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1024, unit + 1];
  return `${counted(number, unit ? 1 : 0)} ${units[unit]}`;
}
