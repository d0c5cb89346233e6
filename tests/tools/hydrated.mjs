// For each line {"framework"} prints a page as that framework's server renders it, and the script that takes it over in the
// browser once `hydrate()` is called: {"page", "script"}, both as in production.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { compile } from "svelte/compiler";

import { contact, document } from "./hydrated/contact.mjs";
import { Contact } from "./hydrated/contact.vue.mjs";

// React looks at it when it is loaded.
process.env.NODE_ENV = "production";

const SERVERS = {
  async react() {
    const { default: React } = await import("react");
    const { renderToString } = await import("react-dom/server");
    return around(renderToString(React.createElement(contact(React))));
  },
  async "react-document"() {
    const { default: React } = await import("react");
    const { renderToString } = await import("react-dom/server");
    return `<!doctype html>${renderToString(React.createElement(document(React)))}`;
  },
  async preact() {
    const { createElement } = await import("preact");
    const { renderToString } = await import("preact-render-to-string");
    const { useEffect, useState } = await import("preact/hooks");
    return around(renderToString(createElement(contact({ createElement, useEffect, useState }))));
  },
  async vue() {
    const { createSSRApp } = await import("vue");
    const { renderToString } = await import("vue/server-renderer");
    return around(await renderToString(createSSRApp(Contact)));
  },
  async svelte() {
    const server = Buffer.from(await bundle("svelte.server", "server")).toString("base64");
    const { rendered } = await import(`data:text/javascript;base64,${server}`);
    return around(rendered);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { framework } = JSON.parse(line);
  const [page, script] = await Promise.all([SERVERS[framework](), bundle(framework)]);
  console.log(JSON.stringify({ page, script }));
}

function around(root) {
  return `<!doctype html>
<html lang="en"><head><title>Plumber</title><link rel="icon" href="data:,"><script src="/app.js" defer></script></head>
<body><div id="root">${root}</div></body></html>
`;
}

async function bundle(name, generate = "client") {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`hydrated/${name}.mjs`, import.meta.url))],
    bundle: true,
    minify: true,
    platform: generate === "server" ? "node" : "browser",
    format: generate === "server" ? "esm" : "iife",
    plugins: [svelte(generate)],
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    write: false,
  });
  return outputFiles[0].text;
}

// Svelte's components are compiled, for the server and for the browser.
function svelte(generate) {
  const load = async ({ path }) => {
    const { js } = compile(await readFile(path, "utf8"), { filename: path, generate });
    return { contents: js.code, loader: "js" };
  };
  return { name: "svelte", setup: ({ onLoad }) => onLoad({ filter: /\.svelte$/ }, load) };
}
