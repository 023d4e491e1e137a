/** The fields of a text, or of a row where the model reads named columns. */

import { byId, createElement, wellFormed } from "./dom.js";

let columns = [];
let features = [];

/** Call `read` whenever what is in the fields changes. */
export function startFields(read) {
  byId("text").addEventListener("input", read);
  byId("fields").addEventListener("input", read);
}

/** Show a field for each column that GET /model names; the one field of a text where it names none. */
export function showFields({ columns: named = [], features: beside = [] }) {
  if (JSON.stringify([named, beside]) === JSON.stringify([columns, features])) return;
  [columns, features] = [named, beside];
  byId("one-text").hidden = named.length > 0;
  byId("fields").hidden = named.length === 0;
  byId("fields").replaceChildren(...named.flatMap(fieldOf), ...beside.flatMap(featureField));
}

function labelOf(name, id) {
  const label = createElement("label", "", createElement("bdi", "", name));
  label.htmlFor = id;
  return label;
}

function fieldOf(name, index) {
  const field = createElement("textarea");
  const last = index === columns.length - 1;
  Object.assign(field, { id: `column-${index}`, rows: last ? 6 : 2, dir: "auto", spellcheck: false });
  if (last) field.className = "longest";
  return [labelOf(name, field.id), field];
}

/** Return the field of a column beside the text. */
function featureField({ name, kind }, index) {
  const field = createElement("input");
  Object.assign(field, { id: `feature-${index}`, type: "text", dir: "auto", autocomplete: "off", placeholder: "missing" });
  if (kind === "number") field.inputMode = "decimal";
  return [labelOf(name, field.id), field];
}

/** Return what POST /predict takes: a text, or an object of the columns; null where there is no text. */
export function givenRow() {
  if (columns.length === 0) return filled(byId("text").value);
  const entries = columns.map((name, index) => [name, filled(byId(`column-${index}`).value)]);
  if (entries.every(([, text]) => text === null)) return null;
  const beside = features.map(({ name, kind }, index) => [name, cellOf(filled(byId(`feature-${index}`).value), kind)]);
  return Object.fromEntries([...entries, ...beside]);
}

/** Return a number where the column holds numbers and the text is one. */
function cellOf(text, kind) {
  return text === null || kind !== "number" || Number.isNaN(Number(text)) ? text : Number(text);
}

/** Put a text into the field, or into that of the last column, and empty the others. */
export function writeText(text) {
  if (columns.length === 0) byId("text").value = text;
  columns.forEach((_, index) => (byId(`column-${index}`).value = index === columns.length - 1 ? text : ""));
}

/** Put a row as `givenRow` returned it back into the fields, and go to the first of them. */
export function writeRow(row) {
  if (columns.length === 0) byId("text").value = row;
  else {
    columns.forEach((name, index) => (byId(`column-${index}`).value = row[name] ?? ""));
    features.forEach(({ name }, index) => (byId(`feature-${index}`).value = row[name] ?? ""));
  }
  byId(columns.length === 0 ? "text" : "column-0").focus();
}

/** Return how many characters a row has. */
export function lengthOf(row) {
  return typeof row === "string" ? row.length : Object.values(row).reduce((sum, cell) => sum + String(cell ?? "").length, 0);
}

function filled(text) {
  return text.trim() === "" ? null : wellFormed(text);
}
