(() => {
  const root = document.documentElement;
  const signOut = () => document.querySelector('form[action="/api/auth/logout"]');
  const stop = (event) => event.stopImmediatePropagation();
  const kinds = ["submit", "click", "input", "change", "keydown", "keyup", "pointerdown", "touchstart", "scroll", "wheel"];
  const look = async () => {
    if (root.hasAttribute("data-hydrated") || document.hidden) return;
    const form = signOut();
    if (root.hasAttribute("data-covered") && !document.querySelector("dialog[open]")) {
      try { localStorage.removeItem("signing-out"); } catch {}
      root.removeAttribute("data-covered");
      return form?.submit();
    }
    if (form && (await fetch("/api/auth/session").catch(() => {}))?.status === 401) location.reload();
  };
  const plain = () => {
    if (root.hasAttribute("data-plain")) return;
    root.setAttribute("data-plain", "");
    root.removeAttribute("data-hydrated");
    for (const kind of kinds) addEventListener(kind, stop, true);
    for (const button of document.querySelectorAll("form [aria-busy]")) button.disabled = false;
    look();
  };
  const died = (error) => {
    if (error instanceof WebAssembly.RuntimeError || /\bwasm\b/.test(error?.stack)) plain();
  };
  addEventListener("plain", plain);
  addEventListener("error", (event) => died(event.error));
  addEventListener("unhandledrejection", (event) => died(event.reason));
  addEventListener("visibilitychange", look);
  setInterval(look, 10000);
})();
