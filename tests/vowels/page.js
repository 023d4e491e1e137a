/** The page of a model that counts vowels. */

import { startPage } from "./app.js";
import { byId, setText } from "./dom.js";
import { fetchJson } from "./server.js";

byId("text").addEventListener("change", async () => {
  const { outputs } = await fetchJson("/vowels", { json: { texts: [byId("text").value] } });
  setText(byId("reply"), outputs[0].toFixed(1));
});

startPage();
