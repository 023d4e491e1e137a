/** What each word contributes to a number: the text in colour, and the strongest words and n-grams in tables. */

import { byId, formatNumber, createElement } from "./dom.js";

/** A word below this share of the strongest contribution is not coloured. */
const FAINT = 0.08;
const STRONGEST = 8;
/** What contributes less than this share of the interval is nothing, but for rounding. */
const NOTHING = 1e-6;
const PARTS = { head: "the beginning", tail: "the end", both: "the beginning and the end" };

/** Show an explanation as POST /explain answers it. */
export function showWords(explanation) {
  const least = NOTHING * (explanation.hi - explanation.lo || 1);
  const highest = Math.max(0, ...explanation.words.map((word) => Math.abs(word.contribution)));
  byId("coloured").replaceChildren(...coloured(explanation, highest, least));
  showStrongest("strongest", explanation.words, least);
  showStrongest("ngrams", explanation.ngrams.map((ngram) => ({ ...ngram, text: edgesShown(ngram.text) })), least);
  byId("ngrams-note").textContent = explanation.ngrams.length > 0
    ? `All n-grams add ${signed(explanation.ngram_total)} to the network's ${signed(explanation.network_total)}. Exact, not measured by hiding.`
    : "";
}

/** Return notes on the explanation. model: the answer of GET /model, or null. */
export function notesOn({ words, span, tokens, truncated, nothing_known }, model) {
  const notes = [];
  if (truncated) {
    notes.push(`The text was cut: it has ${formatNumber(tokens)} words and punctuation marks.`);
    if (model?.max_tokens) notes.push(`The model reads ${formatNumber(model.max_tokens)}: ${PARTS[model.truncate]}.`);
  }
  if (span > 1) notes.push(`The text is long: ${span} neighbouring words share one value.`);
  if (nothing_known && words.length > 0) notes.push("The model knows none of these words.");
  return notes.join(" ");
}

function signed(value) {
  return (value < 0 ? "\u2212" : "+") + Math.abs(value).toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** Return an n-gram of characters with a sign for white space at its ends, which would not be seen. */
function edgesShown(text) {
  return text.replace(/^\s+|\s+$/g, "\u2423");
}

/** Return the text as nodes, each word that counts marked. Positions count characters, not UTF-16 units. */
function coloured(explanation, highest, least) {
  const characters = Array.from(explanation.text);
  const nodes = [];
  let index = 0;
  let plain = "";
  for (const word of explanation.words) {
    plain += characters.slice(index, word.start).join("");
    const content = characters.slice(word.start, word.end).join("");
    index = word.end;
    const share = Math.abs(word.contribution) / highest;
    if (!(share >= FAINT) || highest < least) {
      plain += content;
      continue;
    }
    const mark = createElement("mark", word.contribution > 0 ? "for" : "against", content);
    mark.style.setProperty("--s", share.toFixed(2));
    mark.title = signed(word.contribution);
    nodes.push(plain, mark);
    plain = "";
  }
  nodes.push(plain + characters.slice(index).join(""));
  return nodes;
}

/** Fill the table `id` with the parts of the text that contribute most; hide its card where none does. */
function showStrongest(id, parts, least) {
  const counting = parts.filter((part) => Math.abs(part.contribution) >= least);
  counting.sort((one, other) => Math.abs(other.contribution) - Math.abs(one.contribution));
  const rows = counting.slice(0, STRONGEST).map((part) => {
    const name = createElement("th", "", createElement("bdi", "clipped", part.text));
    name.scope = "row";
    const mark = createElement("mark", part.contribution > 0 ? "for" : "against", signed(part.contribution));
    return createElement("tr", "", name, createElement("td", "number", mark));
  });
  byId(id).replaceChildren(...rows);
  byId(`${id}-card`).hidden = rows.length === 0;
}
