/** The answers of a model that gives several labels, as columns of a table. */

/** Return the columns that `startBatch` takes. */
export function answerColumns({ labels, separator }) {
  return [
    {
      name: "labels",
      title: "answer",
      kind: "text",
      value: (output) => output.labels,
      shown: (given) => given.join(", ") || "no label",
      saved: (given) => joined(given, separator),
    },
    { name: "truncated", kind: "flag", value: ({ truncated }) => truncated },
    ...labels.map((label) => ({
      name: `p(${label})`,
      title: label,
      kind: "percent",
      value: ({ probabilities }) => probabilities[label],
    })),
  ];
}

/** Return labels as one cell, which can be read again: a JSON list where a label would be misread. */
function joined(labels, separator) {
  const plain = labels.every((label) => !label.includes(separator) && label === label.trim() && !label.startsWith("["));
  return plain ? labels.join(`${separator} `) : `[${labels.map((label) => JSON.stringify(label)).join(", ")}]`;
}
