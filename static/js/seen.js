// What this browser has looked at, remembered in this browser alone: the numbers of the last few things. Their cards are asked
// for when the shelf for them comes near. Signing out, or the button beside them, forgets them.
(() => {
  const KEY = "seen";
  const MOST = 8;

  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(Number.isSafeInteger).slice(0, MOST + 1) : [];
    } catch {
      return [];  // Storage is switched off, or holds what somebody else wrote.
    }
  };

  const write = (things) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(things.slice(0, MOST + 1)));
    } catch { /* Full, or switched off: then nothing is remembered. */ }
  };

  const forget = () => {
    try { localStorage.removeItem(KEY); } catch { /* There is nothing to forget. */ }
  };

  const here = Number(document.querySelector("[data-thing]")?.dataset.thing);
  const shelf = document.querySelector("[data-seen]");
  const before = read().filter((each) => each !== here).slice(0, MOST);
  if (here) write([here, ...before]);

  const show = async () => {
    const query = before.map((each) => `thing=${each}`).join("&");
    await htmx.ajax("GET", `${shelf.dataset.seen}?${query}`, { target: "#seen-cards", swap: "innerHTML" });
    shelf.hidden = !document.querySelector("#seen-cards > li");
  };

  if (shelf && before.length) {
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      observer.disconnect();
      show();
    }, { rootMargin: "600px" });
    observer.observe(document.querySelector("footer") ?? shelf);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-forget-seen]")) return;
    forget();
    shelf.hidden = true;
    document.getElementById("main").focus();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forgets]")) forget();
  });
})();
