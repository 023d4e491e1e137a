/** The fields of a text, or of a row where the model reads several columns. */

import { byId, createElement, wellFormed } from "./dom.js";

let columns = [];

/** Call `read` whenever what is in the fields changes. */
export function startFields(read) {
  byId("text").addEventListener("input", read);
  byId("fields").addEventListener("input", read);
}

/** Show a field for each column that GET /model names; the one field of a text where it names none. */
export function showFields({ columns: named = [] }) {
  if (named.length === columns.length && named.every((name, index) => name === columns[index])) return;
  columns = named;
  byId("one-text").hidden = named.length > 0;
  byId("fields").hidden = named.length === 0;
  byId("fields").replaceChildren(...named.flatMap(fieldOf));
}

function fieldOf(name, index) {
  const label = createElement("label", "", createElement("bdi", "", name));
  label.htmlFor = `column-${index}`;
  const field = createElement("textarea");
  Object.assign(field, { id: label.htmlFor, rows: index === columns.length - 1 ? 6 : 2, dir: "auto", spellcheck: false });
  return [label, field];
}

/** Return what POST /predict takes: a text, or an object of the columns; null where all fields are empty. */
export function givenRow() {
  if (columns.length === 0) return filled(byId("text").value);
  const entries = columns.map((name, index) => [name, filled(byId(`column-${index}`).value)]);
  return entries.some(([, text]) => text !== null) ? Object.fromEntries(entries) : null;
}

/** Put a text into the field, or into that of the last column, and empty the others. */
export function writeText(text) {
  if (columns.length === 0) byId("text").value = text;
  columns.forEach((_, index) => (byId(`column-${index}`).value = index === columns.length - 1 ? text : ""));
}

/** Return how many characters a row has. */
export function lengthOf(row) {
  return typeof row === "string" ? row.length : Object.values(row).reduce((sum, text) => sum + (text ?? "").length, 0);
}

function filled(text) {
  return text.trim() === "" ? null : wellFormed(text);
}
