// Shows the cookie of a session that has begun by asking for its numbers, once more: who keeps none has no number for long. Where a
// CDN keeps everything else, no other request would.
//
// show.min.js is what is served, on sites whose pages are the same for everybody; see script.rs.
new PerformanceObserver((list, observer) => list.getEntries().map(({ name }) => {
  if (name == location.origin + "/.dni/visit") {
    observer.disconnect();
    fetch(location.origin + "/.dni/numbers").catch(error => error);
  }
})).observe({ type: "resource" });
