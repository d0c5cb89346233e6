// Swaps the business's numbers for the visitor's in whatever scripts write into the page, before it is painted.
//
// The element's data-lines says how the lines of the business are shown, each as [country code, national digits, national
// digits to show, the whole number to show where the two differ in form, 1 for voice + 2 for messages]. Where there are no
// digits to show, they are asked for once the page is seen to print the number.
//
// swap.min.js is what is served; see script.rs.
((script, doc) => {
  const { lines, react, mark } = script.dataset;
  // React compares the whole document, in which the website has no such element.
  script.remove();
  // Turbo runs the script of every page in the same document.
  if (self.dniEdge) return dniEdge(JSON.parse(lines));

  const swaps = {}, backs = {};
  const names = ["href", "title", "alt", "aria-label", "placeholder"];
  let asked, found;

  const gap = "[\\s()./·~_\\xad\\u200b\\u2010-\\u2015\\u2060-]{0,4}";
  const form = (code, digits) => RegExp(
    "(^[.,-]?|[^\\w$.,-]|\\D[.,-])((?:(?:\\+|00)?" + code + gap + ")?(?:\\(?0\\)?" + gap + ")?(?:\\((?=\\d+\\)))?)("
    + [...digits].join(gap) + ")(?![.,-]?\\d)", "g");

  const ask = () => {
    asked ||= fetch("/.dni/visit", {
      method: "POST",
      body: JSON.stringify({ url: location.href, referrer: doc.referrer })
    }).then(answer => answer.json()).then(answer => dniEdge(answer.lines.map(line => line.swap)), () => 0);
  };

  // With the numbers that these rules find spelled as they say.
  const respell = (rules, value, use, link) => {
    for (const key in rules) {
      const [form, digits, whole, carries] = rules[key];
      if (carries & use) value = value.replace(form, (all, before, lead, number) => {
        let place = 0;
        found = key;
        return digits
          ? before + (whole ? link ? whole.replace(/[^+\d]/g, "") : whole
            : lead + number.replace(/\d/g, () => digits[place++]))
          : (ask(), all);
      });
    }
    return value;
  };

  // Swaps what stands in a text or an attribute, unless it is for machines or for visitors to edit.
  const swap = (node, value, use, link, set) => {
    if (/\d/.test(value) && !node.isContentEditable && !node.closest?.("script,style,textarea,title,noscript,link")) {
      const shown = respell(swaps, value, use, link);
      if (shown != value) set(shown);
    }
  };

  const see = node => {
    if (node.nodeType == 3) swap(node.parentNode || node, node.data, 1, 0, shown => node.data = shown);
    if (node.nodeType == 1) {
      names.map((name, link) => {
        const value = node.getAttribute(name);
        swap(node, value, link ? 1 : { tel: 1, sms: 2 }[value?.split(":")[0].trim().toLowerCase()], !link, shown => {
          node.setAttribute(name, shown);
          if (!link && mark) node.dataset.nap ||= found;
        });
      });
      if (node.shadowRoot) watch(node.shadowRoot);
    }
  };

  const walk = top => {
    const walker = doc.createTreeWalker(top, 5);
    for (let node = top; node; node = walker.nextNode()) see(node);
  };

  const observer = new MutationObserver(changes => changes.map(({ target, addedNodes }) => {
    see(target);
    addedNodes.forEach(walk);
  }));
  const watch = top => {
    observer.observe(top, { subtree: true, childList: true, characterData: true, attributeFilter: names });
    walk(top);
  };

  self.dniEdge = lines => {
    for (const [code, digits, shown, whole, carries] of lines) {
      const key = "+" + code + digits;
      if (shown || !swaps[key]) swaps[key] = [form(code, digits), shown, whole, carries];
      if (shown && !whole) backs[key] = [form(code, shown), digits, "", 3];
    }
    walk(doc);
  };
  dniEdge(JSON.parse(lines));
  watch(doc);
  // Shadow roots that the page itself writes come after their elements.
  doc.addEventListener("DOMContentLoaded", () => walk(doc));

  const element = Element.prototype, { attachShadow } = element;
  element.attachShadow = function (init) {
    const shadow = attachShadow.call(this, init);
    see(this);
    return shadow;
  };

  // React finds what it would have written itself, and leaves it as it is.
  if (react) ["nodeValue", "textContent"].map(name => {
    const own = Object.getOwnPropertyDescriptor(Node.prototype, name);
    Object.defineProperty(Node.prototype, name, {
      get() {
        const value = own.get.call(this);
        return value && respell(backs, value, 1);
      }
    });
  });
})(document.currentScript, document);
