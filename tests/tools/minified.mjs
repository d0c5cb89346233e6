// For each line {"script"} prints that file as terser writes it, {"minified"}. What is served was made so:
// echo '{"script": "src/proxy/own/swap.js"}' | node tests/tools/minified.mjs | jq -j .minified > src/proxy/own/swap.min.js
// and likewise tap.min.js and show.min.js.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { minify } from "terser";

const OPTIONS = { ecma: 2020, compress: { passes: 3, unsafe: true, unsafe_arrows: true, keep_fargs: false } };

for await (const line of createInterface({ input: process.stdin })) {
  const { code } = await minify(await readFile(JSON.parse(line).script, "utf8"), OPTIONS);
  console.log(JSON.stringify({ minified: code }));
}
