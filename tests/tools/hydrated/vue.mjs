import { createSSRApp } from "vue";

import { Contact } from "./contact.vue.mjs";

globalThis.hydrate = () => new Promise((hydrated) => createSSRApp(Contact, { hydrated }).mount("#root"));
