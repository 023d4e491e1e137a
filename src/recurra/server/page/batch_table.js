/** The table of answered rows, sorted by the column whose heading is pressed. */

import { byId, createElement, formatNumber, formatPercent } from "./dom.js";

/** Rows that are shown at first, and that one press adds: a browser is slow with thousands. */
const SHOWN = 100;
const LONGEST = 200;
const NOTHING_KNOWN = "nothing known";

let rows = [];
let headings = [];
/** The place of the heading that sorts, and whether the highest comes first. */
let sorted = { place: 0, descending: false };
let most = SHOWN;

/** Listen to the button for more rows. */
export function startTable() {
  byId("batch-more").addEventListener("click", () => {
    most += SHOWN;
    showTable();
  });
}

/**
 * Begin a table. columns: those of the answers, see `startBatch`; of them, the ones with a title are shown.
 * given: [{number, text, values: of the columns, or null while there is no answer, known, error}], which may still change.
 */
export function beginTable(columns, given) {
  rows = given;
  most = SHOWN;
  sorted = { place: 0, descending: false };
  headings = [
    { title: "row", kind: "number", of: (row) => row.number, cell: (row) => header(formatNumber(row.number)) },
    { title: "text", kind: "text", of: (row) => row.text, cell: textCell },
    ...columns.flatMap((column, place) => (column.title === undefined ? [] : [{ ...column, of: (row) => row.values?.[place] ?? null }])),
  ];
  const firstAnswer = headings.find((heading) => heading.cell === undefined);
  for (const heading of headings) heading.cell ??= heading === firstAnswer ? (row) => answerCell(heading, row) : (row) => valueCell(heading, heading.of(row));
  byId("batch-head").replaceChildren(...headings.map(headingCell));
  showTable();
}

/** Show the rows as they are now. */
export function showTable() {
  const answered = rows.filter((row) => row.values !== null || row.error !== null);
  answered.sort(compared);
  const shown = answered.slice(0, most);
  byId("batch-rows").replaceChildren(...shown.map((row) => createElement("tr", "", ...headings.map((heading) => heading.cell(row)))));
  const rest = answered.length - shown.length;
  byId("batch-more").hidden = rest === 0;
  byId("batch-shown").textContent = rest === 0 ? "" : `${formatNumber(shown.length)} of ${formatNumber(answered.length)} rows are shown.`;
  [...byId("batch-head").children].forEach((cell, place) => {
    if (place === sorted.place) cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
}

function headingCell(heading, place) {
  const button = createElement("button", "", createElement("bdi", "", heading.title));
  button.type = "button";
  button.addEventListener("click", () => {
    const again = sorted.place === place;
    sorted = { place, descending: again ? !sorted.descending : heading.kind !== "text" && place > 0 };
    showTable();
  });
  const cell = createElement("th", heading.kind === "text" ? "" : "number", button);
  cell.scope = "col";
  return cell;
}

/** Compare two rows by the chosen column; those without a value come last either way, and equal ones stay in order. */
function compared(one, other) {
  const { of, kind } = headings[sorted.place];
  const [first, second] = [of(one), of(other)];
  if (first === null || second === null) return first === second ? one.number - other.number : first === null ? 1 : -1;
  const difference = kind === "text" ? String(first).localeCompare(String(second)) : first - second;
  return (sorted.descending ? -difference : difference) || one.number - other.number;
}

function header(text) {
  const cell = createElement("th", "number", text);
  cell.scope = "row";
  return cell;
}

function textCell({ text }) {
  const shown = createElement("span", "clipped", text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  shown.dir = "auto";
  return createElement("td", "", shown);
}

/** Return the cell of the first answer, or of why there is none. */
function answerCell(heading, row) {
  if (row.error !== null) return createElement("td", "quiet", row.error);
  if (!row.known) return createElement("td", "quiet", NOTHING_KNOWN);
  return valueCell(heading, heading.of(row));
}

function valueCell({ kind, shown = String }, value) {
  if (kind === "text") return createElement("td", "", createElement("bdi", "", value === null ? "–" : shown(value)));
  if (value === null) return createElement("td", "number", "");
  if (kind === "number") return createElement("td", "number", shown(value));
  const cell = createElement("td", "number share", `${formatPercent(value)} %`);
  cell.style.setProperty("--p", value.toFixed(4));
  return cell;
}
