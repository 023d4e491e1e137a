/** The answers of this visit: kept in this page's memory alone, and gone when it is left or loaded again. */

import { byId, createElement } from "./dom.js";

const MOST = 30;
const LONGEST = 160;

let entries = [];
let chosen = null;

/** Listen. choose(row): brings the row of an entry back into the fields. */
export function startHistory(choose) {
  chosen = choose;
  byId("history-empty").addEventListener("click", () => {
    entries = [];
    show();
    byId("history-status").textContent = "The earlier answers are forgotten.";
    byId("history").closest("[role=tabpanel]").focus({ preventScroll: true });
  });
}

/**
 * Note an answer that stayed for a moment. row: what was answered, a text or an object of columns. A row that continues the
 * latest one, while it is typed, takes its place; one that was there already comes first again.
 */
export function remember(row, answer) {
  const key = JSON.stringify(row);
  entries = entries.filter((entry, index) => entry.key !== key && !(index === 0 && continues(entry.row, row)));
  entries = [{ key, row, answer }, ...entries].slice(0, MOST);
  show();
}

/** Return whether each text of one row begins with that of the other. */
function continues(before, now) {
  const [one, other] = [before, now].map((row) => (typeof row === "string" ? [row] : Object.values(row)).map((cell) => String(cell ?? "")));
  const within = (short, long) => short.every((text, place) => long[place]?.startsWith(text));
  return within(one, other) || within(other, one);
}

function show() {
  byId("history").hidden = entries.length === 0;
  byId("history-list").replaceChildren(...entries.map(item));
}

function item({ row, answer }) {
  const text = typeof row === "string" ? row : Object.values(row).filter((cell) => cell !== null).join(" · ");
  const name = createElement("span", "clipped", text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  name.dir = "auto";
  const button = createElement("button", "", name, createElement("span", "quiet small", createElement("bdi", "", answer)));
  button.type = "button";
  button.addEventListener("click", () => chosen(row));
  return createElement("li", "", button);
}
