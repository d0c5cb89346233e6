// Reads pages, one line {"id", "html"} each, and prints what every parser extracts: {"id", "extracted": {…}}.
//
// What the parsers leave to chance, such as names of blank nodes and the order of triples, is made the same for equal content.

import { once } from "node:events";
import { createInterface } from "node:readline";

import microdata from "microdata-node";
import { MicrodataRdfParser } from "microdata-rdf-streaming-parser";
import { mf2 } from "microformats-parser";
import { RdfaParser } from "rdfa-streaming-parser";

const BASE = "https://www.example.com/";
// Blank nodes can refer to each other in circles.
const DEPTH = 8;

const PARSERS = {
  "microdata-node": (html) => microdata.toJson(html, { base: BASE }),
  "microdata-rdf-streaming-parser": (html) =>
    described(new MicrodataRdfParser({ baseIRI: BASE, contentType: "text/html" }), html),
  // Its `rel-urls` are an index of all links, not of what is marked up.
  "microformats-parser": (html) => mf2(html, { baseUrl: BASE }).items,
  "rdfa-streaming-parser": (html) => described(new RdfaParser({ baseIRI: BASE, contentType: "text/html" }), html),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, html } = JSON.parse(line);
  const extracted = {};
  for (const [name, parse] of Object.entries(PARSERS)) {
    try {
      extracted[name] = await parse(html);
    } catch (error) {
      extracted[name] = { error: String(error) };
    }
  }
  console.log(JSON.stringify({ id, extracted }));
}

// What a streaming parser says of each subject, blank ones written out where they are referred to, everything sorted.
async function described(parser, html) {
  const subjects = new Map();
  parser.on("data", ({ subject, predicate, object }) => {
    const key = name(subject);
    if (!subjects.has(key)) subjects.set(key, []);
    subjects.get(key).push([predicate.value, object]);
  });
  const ended = once(parser, "end");
  parser.end(html);
  await ended;
  return inOrder([...subjects.keys()].map((key) => writtenOut(key, subjects, DEPTH)));
}

function writtenOut(key, subjects, depth) {
  const said = subjects.get(key) ?? [];
  const says = said.map(([property, object]) => [property, value(object, subjects, depth)]);
  return { subject: key.startsWith("_:") ? "a blank node" : key, says: inOrder(says) };
}

function value(object, subjects, depth) {
  if (object.termType !== "BlankNode") return name(object);
  return depth === 0 ? "a blank node" : writtenOut(name(object), subjects, depth - 1);
}

function inOrder(values) {
  const keyed = values.map((value) => [JSON.stringify(value), value]);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function name(term) {
  if (term.termType === "BlankNode") return `_:${term.value}`;
  if (term.termType === "NamedNode") return `<${term.value}>`;
  return JSON.stringify([term.value, term.language, term.datatype.value]);
}
