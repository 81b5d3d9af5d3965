(() => {
  const load = async () => {
    const wasm = fetch("WASM_FILE", { priority: "low", credentials: "same-origin" });
    const program = await import("JS_FILE");
    await program.default({ module_or_path: wasm });
    program.hydrate();
  };
  const start = () => load().catch((error) => console.warn(error));
  // A window behind another is never idle, so the wait has an end.
  const idle = () => (window.requestIdleCallback ?? setTimeout)(start, { timeout: 2000 });
  // A hidden tab and a covered page paint nothing, so they don't wait for a paint.
  const unseen = () => document.hidden || document.documentElement.hasAttribute("data-covered");
  const painted = new Promise((done) => {
    addEventListener("visibilitychange", done, { once: true });
    addEventListener("load", () => (unseen() ? done() : setTimeout(done, 3000)));
    new PerformanceObserver((seen) => seen.getEntriesByName("first-contentful-paint").forEach(done)).observe({ type: "paint", buffered: true });
  });
  const loaded = new Promise((done) => (document.readyState === "complete" ? done() : addEventListener("load", done)));
  Promise.all([painted, loaded]).then(idle);
})();
