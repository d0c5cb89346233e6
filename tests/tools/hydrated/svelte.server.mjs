import { render } from "svelte/server";

import Contact from "./contact.svelte";

export const rendered = render(Contact, { props: { hydrated() {} } }).body;
