(() => {
  const load = async () => {
    const wasm = fetch("WASM_FILE", { priority: "low", credentials: "same-origin" });
    const program = await import("JS_FILE");
    await program.default({ module_or_path: wasm });
    program.hydrate();
  };
  const idle = () => (window.requestIdleCallback ?? setTimeout)(() => load().catch((error) => console.warn(error)));
  // The frame after the first is asked for when the first has been painted. A page
  // that nobody sees paints nothing, and does not wait for it.
  const painted = () => (document.hidden ? idle() : requestAnimationFrame(() => requestAnimationFrame(idle)));
  document.readyState === "complete" ? painted() : addEventListener("load", painted);
})();
