/** Bars of labels: the most probable ones, and all of them where somebody asks. */

import { byId, formatNumber } from "./dom.js";

let all = false;

/** Listen to the button that shows all bars or few. show(): shows them again. */
export function startBars(show) {
  byId("all-labels").addEventListener("click", () => {
    all = !all;
    show();
  });
}

/** Return the entries to show: `few` of them, those that are `kept` besides, or all. Sets the button beside them. */
export function barsShown(entries, few, kept) {
  const shortened = entries.filter((entry, index) => index < few || kept(entry));
  const button = byId("all-labels");
  button.hidden = shortened.length === entries.length;
  button.setAttribute("aria-expanded", String(all));
  button.textContent = all ? "Show fewer labels" : `Show all ${formatNumber(entries.length)} labels`;
  const many = all && !button.hidden;
  byId("bars").classList.toggle("many", many);
  if (many) byId("bars").tabIndex = 0;
  else byId("bars").removeAttribute("tabindex");
  return all ? entries : shortened;
}
