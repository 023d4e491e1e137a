/** Labels that are no texts, which JSON writes otherwise as a value than as the key of an object. */

/** Return what a label is called, in headings and names of columns. */
export function nameOf(label) {
  return typeof label === "boolean" ? (label ? "True" : "False") : String(label);
}

/** Return the key of a label in an object of probabilities: Python writes true as True, and 1.0 with its point. */
export function keyOf(label, probabilities) {
  const key = nameOf(label);
  if (typeof label !== "number" || key in probabilities) return key;
  return Object.keys(probabilities).find((other) => Number(other) === label);
}
