import { createElement, hydrate } from "preact";
import { useEffect, useState } from "preact/hooks";

import { contact } from "./contact.mjs";

globalThis.hydrate = () =>
  new Promise((hydrated) => {
    const Contact = contact({ createElement, useEffect, useState });
    hydrate(createElement(Contact, { hydrated }), document.getElementById("root"));
  });
