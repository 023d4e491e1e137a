/** Texts to begin with, by the labels that a model knows. */

const REVIEWS = {
  Glowing: "A wonderful film. The acting is superb, the story moved me to tears, and I would see it again tomorrow.",
  Damning: "What a waste of two hours. The plot makes no sense, the dialogue is terrible, and I nearly fell asleep.",
  Torn: "The cast is great and it looks beautiful, but the second half is dull and the end a complete disappointment.",
  Negated: "Not bad at all! I expected nothing, and it was not nearly as boring as people say.",
};
const MESSAGES = {
  "From a friend": "Hey, are we still on for lunch? I'm running about ten minutes late, sorry!",
  "A prize": "CONGRATULATIONS! You have WON a 1000 cash prize. Call 0900 123456 now to claim. Reply STOP to end.",
  "A reminder": "Your appointment is on Monday at 9.30. Please reply YES to confirm.",
};
const QUESTIONS = {
  "Who?": "Who wrote the first novel ever printed?",
  "Where?": "Where is the highest mountain of South America?",
  "How many?": "How many people live in Iceland?",
};
const ANYTHING = {
  "A review": REVIEWS.Torn,
  "A message": MESSAGES["From a friend"],
  "A question": "Why has my payment not arrived yet, and how long will it take?",
};

const FITTING = [
  [/^(neg|pos|bad$|good$|negative$|positive$)/i, REVIEWS],
  [/^(ham|spam)$/i, MESSAGES],
  [/^(hum|loc|num|abbr|enty|desc)\b/i, QUESTIONS],
];

/** Return [name, text] of texts that suit a model with these labels. */
export function examplesFor(labels) {
  const suited = FITTING.find(([pattern]) => labels.length > 0 && labels.every((label) => pattern.test(String(label))));
  return Object.entries(suited ? suited[1] : ANYTHING);
}
