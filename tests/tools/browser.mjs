// Opens pages in headless Chromium, one line {"scheme", "host", "address", "target", "scripts", "steps"} each, and prints what a person gets of
// the page, in a list: reads, hears, taps and copies, as it has come and after each step; and prints, where there are no steps. Each
// page is opened by a visitor who has not been here before.

import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

const HOST = "www.example.com";
const PATIENCE = 20_000;
// Elements that are read out by a name, and what else they are described by.
const ROLES = ["link", "image", "img", "textbox", "heading", "button"];
const STEPS = {
  type: (page, text) => page.locator("input").pressSequentially(text),
  press: (page, selector) => page.click(selector),
  see: (page, text) => page.getByText(text).first().waitFor(),
  run: (page, script) => page.evaluate(script),
};

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
  const context = await browser.newContext({ userAgent, javaScriptEnabled: question.scripts, ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE);
  try {
    console.log(JSON.stringify(await opened(await context.newPage(), question)));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
  await context.close();
}
await browser.close();

async function opened(page, { scheme, host, address, target, steps }) {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  const port = address.split(":").at(-1);
  await page.goto(`${scheme}://${host}:${port}${target}`, { waitUntil: "load" });
  const seen = async () => ({
    ...(await page.evaluate(inDocument)),
    named: await named(page),
    printed: steps.length ? "" : await printed(page),
    errors: [...errors],
  });
  const all = [await seen()];
  for (const [act, what] of steps) {
    await STEPS[act](page, what);
    // Until it is painted.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    all.push(await seen());
  }
  return all;
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
    typed: all("input").map((input) => input.value),
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
