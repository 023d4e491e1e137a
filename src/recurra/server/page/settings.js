/** The fields that say how a text is drawn. */

import { byId, tell } from "./dom.js";

/** Put the usual temperature of a model into its field, where nobody has put another. */
export function suitSettings({ temperature }) {
  if (!byId("temperature").value) byId("temperature").value = String(temperature);
}

/** Return {temperature, seed} as far as they are given; null where a field cannot be right, which the browser tells. */
export function settings() {
  const fields = ["temperature", "seed"].map(byId);
  const wrong = fields.find((field) => !field.validity.valid);
  if (wrong) {
    byId("settings").open = true;
    wrong.reportValidity();
    return null;
  }
  const given = fields.filter((field) => field.value !== "");
  return Object.fromEntries(given.map((field) => [field.id, Number(field.value)]));
}

/** Tell the seed of an answer, which gives it again. */
export function tellSeed({ seed }) {
  tell(byId("seed-told"), seed === null ? "" : `That of the last answer was ${seed}.`);
}
