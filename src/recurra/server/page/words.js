/** What each word contributes: the text in colour, and the strongest words and n-grams in tables. */

import { byId, formatNumber, createElement } from "./dom.js";

/** A word below this share of the strongest contribution is not coloured. */
const FAINT = 0.08;
const STRONGEST = 8;
/** A word that the model does not know contributes 0, but for rounding. */
const NOTHING = 1e-6;

/** Return which label to explain: of two always the same one, so that colours keep their meaning. */
export function targetOf(probabilities) {
  const labels = Object.keys(probabilities);
  return labels.length === 2 ? labels[1] : null;
}

/** Show an explanation as POST /explain answers it. byItself: whether each label is answered by itself, not one of all. */
export function showWords(explanation, byItself = false) {
  const target = String(explanation.target);
  const others = Object.keys(explanation.probabilities).filter((label) => label !== target && !byItself);
  const names = { for: target, against: others.length === 1 ? others[0] : `not ${target}` };
  const highest = Math.max(0, ...explanation.words.map((word) => Math.abs(word.contribution)));
  byId("legend-for").textContent = `evidence for ${target}`;
  byId("legend-against").textContent = others.length === 1 ? `evidence for ${others[0]}` : `evidence against ${target}`;
  byId("coloured").replaceChildren(...coloured(explanation, highest, names));
  showStrongest("strongest", explanation.words, names);
  showStrongest("ngrams", explanation.ngrams.map((ngram) => ({ ...ngram, text: edgesShown(ngram.text) })), names);
  byId("ngrams-note").textContent = explanation.ngrams.length > 0 ? shares(explanation, byItself || others.length === 1) : "";
}

/** Return an n-gram of characters with a sign for white space at its ends, which would not be seen. */
function edgesShown(text) {
  return text.replace(/^\s+|\s+$/g, "\u2423");
}

/** Return how a logit is divided between the n-grams and the network. */
function shares({ target, ngram_total, network_total }, isLogOdds) {
  const whole = isLogOdds ? `The log-odds of ${target} are` : `The logit of ${target}, less the mean of all labels, is`;
  return `${whole} ${signed(ngram_total + network_total)}: ${signed(ngram_total)} from all n-grams and `
    + `${signed(network_total)} from the network. Exact, not measured by hiding.`;
}

function signed(value) {
  return (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(2);
}

/** Return notes on the explanation. model: the answer of GET /model, or null. */
export function notesOn({ words, span, tokens, truncated, nothing_known }, model) {
  const notes = [];
  if (truncated) {
    notes.push(`The text was cut: it has ${formatNumber(tokens)} words and punctuation marks.`);
    if (model?.max_tokens) notes.push(`The model reads ${formatNumber(model.max_tokens)}: ${PARTS[model.truncate]}.`);
  }
  if (span > 1) notes.push(`The text is long: ${span} neighbouring words share one value.`);
  if (words.length > 0 && words.every((word) => Math.abs(word.contribution) < NOTHING)) {
    notes.push("The model knows none of these words: it would give any such text the same prediction.");
  } else if (nothing_known && words.length > 0) {
    notes.push("The model knows none of these words, and goes by their spelling.");
  }
  return notes.join(" ");
}

const PARTS = { head: "the beginning", tail: "the end", both: "the beginning and the end" };

/** Return the text as nodes, each word that counts marked. Positions count characters, not UTF-16 units. */
function coloured(explanation, highest, names) {
  const characters = Array.from(explanation.text);
  const nodes = [];
  let index = 0;
  let plain = "";
  for (const word of explanation.words) {
    plain += characters.slice(index, word.start).join("");
    const content = characters.slice(word.start, word.end).join("");
    index = word.end;
    const share = Math.abs(word.contribution) / highest;
    if (!(share >= FAINT) || highest < NOTHING) {
      plain += content;
      continue;
    }
    const kind = word.contribution > 0 ? "for" : "against";
    const mark = createElement("mark", kind, content);
    mark.style.setProperty("--s", share.toFixed(2));
    mark.title = `${names[kind]}, by ${Math.abs(word.contribution).toFixed(2)}`;
    nodes.push(plain, mark);
    plain = "";
  }
  nodes.push(plain + characters.slice(index).join(""));
  return nodes;
}

/** Fill the table `id` with the parts of the text that contribute most; hide its card where none does. */
function showStrongest(id, parts, names) {
  const counting = parts.filter((part) => Math.abs(part.contribution) >= NOTHING);
  counting.sort((one, other) => Math.abs(other.contribution) - Math.abs(one.contribution));
  const rows = counting.slice(0, STRONGEST).map((part) => {
    const kind = part.contribution > 0 ? "for" : "against";
    const name = createElement("th", "", createElement("bdi", "clipped", part.text));
    name.scope = "row";
    return createElement(
      "tr",
      "",
      name,
      createElement("td", "", createElement("mark", kind, createElement("bdi", "", names[kind]))),
      createElement("td", "number", Math.abs(part.contribution).toFixed(2)),
    );
  });
  byId(id).replaceChildren(...rows);
  byId(`${id}-card`).hidden = rows.length === 0;
}
