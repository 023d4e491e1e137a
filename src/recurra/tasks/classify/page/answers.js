/** The answers of a model that labels texts, as columns of a table. */

import { keyOf, nameOf } from "./label_keys.js";

/** Return the columns that `startBatch` takes. */
export function answerColumns({ labels }) {
  const probability = ({ label, probabilities }) =>
    label === null ? Math.max(...Object.values(probabilities)) : probabilities[keyOf(label, probabilities)];
  return [
    { name: "predicted", title: "answer", kind: "text", value: ({ label, probabilities }) => (label === null ? null : keyOf(label, probabilities)) },
    { name: "probability", kind: "percent", value: probability },
    { name: "truncated", kind: "flag", value: ({ truncated }) => truncated },
    ...labels.map((label) => ({
      name: `p(${nameOf(label)})`,
      title: nameOf(label),
      kind: "percent",
      value: ({ probabilities }) => probabilities[keyOf(label, probabilities)],
    })),
  ];
}
