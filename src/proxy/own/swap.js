// Swaps the business's numbers for the visitor's in whatever scripts write into the page, before it is painted.
//
// The element's data-lines says how the lines of the business are shown, each as [country code, national digits, national
// digits to show, the whole number to show where the two differ in form, 1 for voice + 2 for messages]. Where there are no
// digits to show, they are asked for once the page is seen to print the number.
//
// swap.min.js is what is served; see script.rs. It is to be small: `let` throughout, as it packs best.
(script => {
  let { lines, react, mark } = script.dataset;
  // React compares the whole document, in which the website has no such element.
  script.remove();
  // Turbo runs the script of every page in the same document.
  if (!self.dniEdge) {
    let asked, found, swaps = {}, backs = {};
    let names = ["href", "title", "alt", "aria-label", "placeholder"];

    let gap = "(?:%20|[\\s()./·~_\\p{Cf}\\p{Pd}]){0,9}";
    // What makes another country's number, or an amount, an address or a figure of it stands before it or behind.
    let form = (code, digits) => RegExp(
      "(^|[^\\w\\p{Sc}#=@%./-]|(?:^|\\W)[./_-])((?:(?:\\+|%2B|00)?" + code + gap + "|\\+|(\\+(?:\\d" + gap
      + "){1,6}))?(?:\\(?0\\)?" + gap + ")?(?:\\((?=\\d+\\)))?)("
      + [...digits].join(gap) + ")(?![\\p{Sc}@%=]|[.~_-]?\\d)", "gu");

    // With the numbers that these rules find spelled as they say.
    let respell = (rules, value, use, link) => {
      for (let key in rules) {
        let [form, digits, whole, carries] = rules[key];
        if (carries & use) value = value.replace(form, (all, before, lead, foreign, number, at, text, place = 0) => {
          if (foreign) return all;
          found = key;
          if (digits) return before + (whole
            ? link ? whole.replace(/[^+\d]/g, "") : whole
            : lead + number.replace(/%20|\d/g, digit => digit[1] ? digit : digits[place++]));
          // Not where a <base> leads.
          asked ||= fetch(location.origin + "/.dni/visit", {
            method: "POST",
            body: JSON.stringify({ url: location.href, referrer: document.referrer })
          }).then(answer => answer.json())
            .then(answer => dniEdge(answer.lines.map(line => line.swap)))
            .catch(error => error);
          return all;
        });
      }
      return value;
    };

    // Swaps what stands in a text, or in the attributes of an element, unless it is for machines or for visitors to edit.
    let see = node => (node.nodeType == 3 ? [0] : names).map(name => {
      // What one is like is nothing to the others.
      try {
        let value = name ? node.getAttribute(name) : node.data;
        let link = name == "href", element = name ? node : node.parentNode;
        if (/\d/.test(value) && !element.isContentEditable
          && !element.closest?.(name ? "link" : "script,noscript,style,textarea,title")) {
          let use = link ? /^\s*(tel|callto):/i.test(value) || 2 * /^\s*sms(to)?:/i.test(value) : 1;
          let shown = respell(swaps, value, use, link);
          // A script that writes the number back each time has the last word.
          if (shown != value && (element.dniEdge = -~element.dniEdge) < 500) {
            setTimeout(() => element.dniEdge = 0);
            name ? node.setAttribute(name, shown) : node.data = shown;
            if (link && mark) node.dataset.nap ||= found;
          }
        }
      } catch { }
    });

    let walk = node => {
      see(node);
      if (node.shadowRoot) watch(node.shadowRoot);
      node.childNodes.forEach?.(walk);
    };

    let observer = new MutationObserver(changes => changes.map(change => {
      see(change.target);
      change.addedNodes.forEach(walk);
    }));
    let watch = top => {
      observer.observe(top, { subtree: 1, childList: 1, characterData: 1, attributeFilter: names });
      walk(top);
      return top;
    };

    self.dniEdge = lines => {
      for (let [code, digits, shown, whole, carries] of lines) {
        let key = "+" + code + digits;
        if (shown || !swaps[key]) swaps[key] = [form(code, digits), shown, whole, carries];
        if (shown && !whole) backs[key] = [form(code, shown), digits, "", 3];
      }
      watch(document);
    };
    // Shadow roots that the page itself writes come after their elements.
    addEventListener("DOMContentLoaded", () => watch(document));

    let attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return watch(attach.call(this, init));
    };

    // React finds what it would have written itself, and leaves it as it is.
    if (react) ["nodeValue", "textContent"].map(name => {
      let own = Node.prototype.__lookupGetter__(name);
      Node.prototype.__defineGetter__(name, function () {
        let value = own.call(this);
        return value && respell(backs, value, 1);
      });
    });
  }
  dniEdge(JSON.parse(lines));
})(document.currentScript);
