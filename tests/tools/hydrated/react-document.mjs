import * as React from "react";
import { hydrateRoot } from "react-dom/client";

import { document as page } from "./contact.mjs";

globalThis.hydrate = () =>
  new Promise((hydrated) => hydrateRoot(document, React.createElement(page(React), { hydrated })));
