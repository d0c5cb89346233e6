import { hydrate } from "svelte";

import Contact from "./contact.svelte";

globalThis.hydrate = () =>
  new Promise((hydrated) => hydrate(Contact, { target: document.getElementById("root"), props: { hydrated } }));
