// Compares two results of github.com/http-tests/cache-tests: prints each that differs, and how often which went with which.

import { readFileSync } from "node:fs";

const [suite, ...files] = process.argv.slice(2);
const { default: groups } = await import(`${suite}/tests/index.mjs`);
const { determineTestResult, resultTypes } = await import(`${suite}/test-engine/lib/results.mjs`);

const names = new Map(Object.entries(resultTypes).map(([name, type]) => [type, name]));
const results = files.map((file) => JSON.parse(readFileSync(file)));
const counts = {};
for (const { id } of groups.flatMap((group) => group.tests).filter((test) => !test.browser_only)) {
  const [one, other] = results.map((result) => names.get(determineTestResult(groups, id, result)));
  const pair = `${one} -> ${other}`;
  counts[pair] = (counts[pair] ?? 0) + 1;
  if (one !== other) console.log(`  ${id}: ${pair}: ${results.map((result) => JSON.stringify(result[id])).join(" -> ")}`);
}
for (const [pair, count] of Object.entries(counts).sort()) console.log(`  ${String(count).padStart(4)} ${pair}`);
