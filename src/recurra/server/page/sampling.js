/** The fields of the sampling settings. */

import { byId, setText } from "./dom.js";

/** Put a model's default temperature into its field, unless the user has set another. */
export function showDefaults({ temperature }) {
  if (!byId("temperature").value) byId("temperature").value = String(temperature);
}

/** Return {temperature, seed} as far as they are set; null where a field is invalid, which the browser reports. */
export function samplingSettings() {
  const fields = ["temperature", "seed"].map(byId);
  const invalid = fields.find((field) => !field.validity.valid);
  if (invalid) {
    byId("settings").open = true;
    invalid.reportValidity();
    return null;
  }
  const filled = fields.filter((field) => field.value !== "");
  return Object.fromEntries(filled.map((field) => [field.id, Number(field.value)]));
}

/** Show the seed of an answer, with which it can be repeated. */
export function showSeed({ seed }) {
  setText(byId("last-seed"), seed === null ? "" : `The last answer's seed was ${seed}.`);
}
