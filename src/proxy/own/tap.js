// Tells the proxy that a telephone link was tapped, so that whoever calls a moment later is known.
//
// tap.min.js is what is served; see script.rs.

// React compares the whole document, in which the website has no such element.
document.currentScript.remove();

// Whatever the page makes of the tap, and wherever in open shadow roots the link is.
self.dniEdgeTap ||= event => event.composedPath().some(({ href }) =>
  // Not where a <base> leads, and to the end, although the page may be put away for the call.
  /^(tel|callto):/.test(href) && fetch(location.origin + "/.dni/tap", {
    method: "POST",
    body: href,
    keepalive: true
  }).catch(error => error));

// Turbo runs the script of every page in the same document, in which one listener is added once.
addEventListener("click", dniEdgeTap, true);
