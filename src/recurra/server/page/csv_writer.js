/** Writes a table as `recurra predict --escape-formulas` writes a CSV: all cells in quotes, none that a spreadsheet would run. */

/** As in recurra.data.writers.formulas: white space, quotes and invisible characters may come first. */
const RUNS = /^(?:[\s"\u001c-\u001f\u0085\u200b\u200e\u200f\ufeff]*[=+\-@＝＋－＠]|[\t\r\n])/;
const NUMBER = /^[ \t\n\r\f\v]*[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?[ \t\n\r\f\v]*$/;
const DIGITS = 6;

/** Return the cell, with an apostrophe in front where a spreadsheet could run it. */
export function defused(cell) {
  return RUNS.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

/** Return lines of records, whose cells are texts or null. */
export function csvOf(records) {
  return records.map((cells) => `${cells.map((cell) => `"${defused(cell ?? "").replaceAll('"', '""')}"`).join(",")}\n`).join("");
}

/** Return a number with six digits that count, as Python's `.6g` does. */
export function sixDigits(value) {
  const [mantissa, exponent] = value.toExponential(DIGITS - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < DIGITS) return withoutZeros(value.toFixed(DIGITS - 1 - power));
  return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Return `names`, each with as many underscores after it as it takes to be another than `taken` and those before it. */
export function freeNames(names, taken) {
  const used = new Set(taken);
  return names.map((name) => {
    let free = name;
    while (used.has(free)) free += "_";
    used.add(free);
    return free;
  });
}

function withoutZeros(text) {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text[end - 1] === "0") end -= 1;
  return text.slice(0, text[end - 1] === "." ? end - 1 : end);
}
