// Opens pages in headless Chromium, one line {"address", "target", "scripts"} each, and prints what a person gets of the page:
// reads, hears, taps, copies and prints. Each page is opened by a visitor who has not been here before.

import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

const HOST = "www.example.com";
const PATIENCE = 20_000;
// Elements that are read out by a name, and what else they are described by.
const ROLES = ["link", "image", "img", "textbox", "heading", "button"];

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: [
    `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const version = browser.version().split(".")[0];
// As Chromium names itself with a window.
const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const context = await browser.newContext({ userAgent, javaScriptEnabled: question.scripts });
  context.setDefaultTimeout(PATIENCE);
  try {
    console.log(JSON.stringify(await seen(await context.newPage(), question)));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
  await context.close();
}
await browser.close();

async function seen(page, { address, target }) {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  const port = address.split(":").at(-1);
  await page.goto(`http://${HOST}:${port}${target}`, { waitUntil: "load" });
  const document = await page.evaluate(inDocument);
  return { ...document, named: await named(page), printed: await printed(page), errors };
}

// Runs in the page.
function inDocument() {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const copied = (element) => {
    const selection = getSelection();
    selection.selectAllChildren(element);
    const text = selection.toString();
    selection.removeAllRanges();
    return text;
  };
  return {
    read: document.body.innerText,
    title: document.title,
    copied: all("p").map(copied),
    tapped: all("a[href]").map((link) => link.getAttribute("href")),
    hinted: all("[title], [placeholder]").map((element) => element.title || element.placeholder),
  };
}

// What assistive technology is told, by the browser's own tree.
async function named(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const told = nodes.filter((node) => !node.ignored && ROLES.includes(node.role?.value));
  return told.map((node) => `${node.role.value}: ${node.name?.value ?? ""}`);
}

async function printed(page) {
  const pdf = await page.pdf();
  const text = execFileSync("pdftotext", ["-", "-"], { input: pdf, encoding: "utf8" });
  return text.replace(/\s+/g, " ").trim();
}
