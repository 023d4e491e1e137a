/** The numbers of a model that answers texts with numbers, as columns of a table. */

import { formatValue } from "./scale.js";

/** Return the columns that `startBatch` takes. */
export function answerColumns() {
  const number = (name, title, value) => ({ name, title, kind: "number", value, shown: formatValue });
  return [
    number("prediction", "number", ({ value }) => value),
    number("lo", "from", ({ lo }) => lo),
    number("hi", "to", ({ hi }) => hi),
    { name: "truncated", kind: "flag", value: ({ truncated }) => truncated },
  ];
}
