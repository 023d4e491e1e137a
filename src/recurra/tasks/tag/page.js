/** The page of a model that tags words. */

import { startPage } from "./app.js";
import { byId, counted, made, percent, tell, wellFormed } from "./dom.js";
import { Newest, sentence } from "./newest.js";
import { askJson } from "./server.js";

/** Milliseconds: typing rests so long before it is asked; it is asked anyway after so long. */
const REST = 120;
const AT_LATEST = 500;
const MOST_NAMED = 40;

const tags = new Newest(
  async (texts, signal) => (await askJson("/tag", { json: { texts }, signal })).outputs,
  { shown: show, refused: (refusal, seconds) => tell(byId("reply-notice"), sentence(refusal, seconds)) },
);

function read() {
  const lines = wellFormed(byId("text").value).split("\n");
  const texts = lines.filter((line) => line.trim());
  if (texts.length) {
    tags.request(texts, REST, AT_LATEST);
    return;
  }
  tags.cancel();
  byId("tagged").hidden = true;
  tell(byId("reply-notice"), "");
}

function show(outputs) {
  const sentences = outputs.map(({ tokens, tags: found }) => {
    const words = tokens.map((word, place) =>
      made("li", "", made("bdi", "", word), made("span", "small quiet", found[place])),
    );
    return made("ol", "sentence", ...words);
  });
  byId("sentences").replaceChildren(...sentences);
  byId("tagged").hidden = false;
  tell(byId("reply-notice"), "");
  const count = outputs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  byId("reply-status").textContent = `${counted(count)} word${count === 1 ? "" : "s"} tagged.`;
}

startPage({
  start: () => byId("text").addEventListener("input", read),
  meet: read,
  lead({ metrics }) {
    const { accuracy } = metrics.test ?? metrics;
    return `Says what each word is.${accuracy ? ` Right about ${percent(accuracy)} % of the words it was judged on.` : ""}`;
  },
  network: ({ network }) => `${String(network.cell).toUpperCase()}, read both ways`,
  facts: (model) => [
    ["Tags", model.labels.slice(0, MOST_NAMED).join(", ") + (model.labels.length > MOST_NAMED ? " …" : "")],
    ["Judges", model.chained ? "the tags of a sentence as a chain" : "each word with those around it"],
    ["Vocabulary", `${counted(model.words)} words`],
  ],
  figure: ["Sentences tagged", (change) => change.steps, (steps) => counted(steps)],
});
