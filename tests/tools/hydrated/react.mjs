import * as React from "react";
import { hydrateRoot } from "react-dom/client";

import { contact } from "./contact.mjs";

globalThis.hydrate = () =>
  new Promise((hydrated) =>
    hydrateRoot(document.getElementById("root"), React.createElement(contact(React), { hydrated })),
  );
