/** The page of a model that translates: the translation, and from which words each of its words was written. */

import { startPage } from "./app.js";
import { byId, counted, made, percent, tell, wellFormed } from "./dom.js";
import { Newest, sentence } from "./newest.js";
import { askJson } from "./server.js";

/** Milliseconds that typing rests before it is asked. */
const REST = 400;
const NAMED = 3;
/** A smaller share is not named. */
const LEAST = 0.01;

const translation = new Newest(
  async (text, signal) =>
    (await askJson("/translate", { json: { texts: [text], attention: true }, signal })).outputs[0],
  { shown: show, refused: (refusal, seconds) => tell(byId("reply-notice"), sentence(refusal, seconds)) },
);

function read() {
  const text = wellFormed(byId("text").value);
  if (text.trim()) {
    translation.request(text, REST);
    return;
  }
  translation.cancel();
  byId("translation").hidden = byId("attended").hidden = true;
  byId("reply-empty").hidden = false;
  tell(byId("reply-notice"), "");
}

function show(output) {
  byId("translation").textContent = output.translation || "(nothing)";
  byId("translation").hidden = false;
  byId("reply-empty").hidden = true;
  byId("reply-status").textContent = output.translation;
  tell(byId("reply-notice"), output.truncated ? "The text is longer than the model reads, and was cut." : "");
  const { attention } = output;
  byId("attended").hidden = !attention?.target.length;
  if (attention?.target.length) showAttention(attention);
}

function showAttention({ weights, ...words }) {
  const [source, target] = [words.source, words.target].map((side) => side.map((word) => word.trim() || "␣"));
  byId("source").replaceChildren(...source.flatMap((word) => [made("mark", "for", word), " "]));
  const marks = [...byId("source").querySelectorAll("mark")];
  const buttons = target.map((word, place) => {
    const button = made("button", "", word);
    button.type = "button";
    for (const name of ["click", "focus", "pointerenter"]) button.addEventListener(name, () => choose(place));
    return button;
  });
  byId("target").replaceChildren(...buttons.flatMap((button) => [button, " "]));
  choose(0);

  function choose(place) {
    buttons.forEach((button, other) => button.setAttribute("aria-pressed", String(other === place)));
    marks.forEach((mark, column) => mark.style.setProperty("--s", weights[place][column].toFixed(3)));
    const ranked = source.map((word, column) => [word, weights[place][column]]).sort((one, other) => other[1] - one[1]);
    const from = ranked.filter(([, weight]) => weight >= LEAST).slice(0, NAMED).map(([word, weight]) => `“${word}” ${percent(weight)} %`);
    tell(byId("attended-status"), `“${target[place]}”: ${from.join(", ")}.`);
  }
}

startPage({
  start: () => byId("text").addEventListener("input", read),
  meet: read,
  lead: () => "Turns a text into another.",
  network: ({ network }) => `${String(network.cell).toUpperCase()} with attention`,
  facts: (model) => [
    ["Reads", `${counted(model.max_tokens)} pieces of words of a text, and writes as many at most`],
    ["Searches", `keeping the ${counted(model.beam)} best ways to go on`],
    ["Vocabulary", `${counted(model.network.vocabulary)} pieces of words`],
  ],
  figure: ["Texts translated", (change) => change.steps, (steps) => counted(steps)],
});
