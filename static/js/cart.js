// Opens the drawer once the cart has been filled into it: the answer to an addition carries HX-Trigger: cart:added.
// The answer itself brings the new number beside the bag and what is said of it (see docs/design.md).
//
// The number beside the bag is kept in the browser, so that another tab, or a page that Back brings from memory, sees that
// its own is old and asks the shop: for the bag, or for the whole cart where that is shown.
(() => {
  const KEY = "cart";
  const link = () => document.getElementById("cart-link");
  const shown = () => link()?.querySelector(".count")?.textContent ?? "0";

  // Storage may be switched off; then each page shows what it came with.
  const kept = () => { try { return localStorage.getItem(KEY) ?? "0"; } catch { return shown(); } };
  const keep = () => {
    if (!link()) return;
    try {
      if (shown() === "0") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, shown());
    } catch { /* As above. */ }
  };

  const isTyped = (cart) => [...cart.querySelectorAll("input, textarea")].some((each) => each.value !== each.defaultValue);

  const askAgain = () => {
    const cart = document.getElementById("cart");
    if (!cart) htmx.ajax("GET", link().dataset.count, { target: "#cart-link", swap: "outerHTML" });
    else if (!isTyped(cart)) htmx.ajax("GET", link().getAttribute("href"), { source: cart, target: "#cart", swap: "outerHTML" });
  };

  const catchUp = () => {
    if (!document.hidden && link() && kept() !== shown()) askAgain();
  };

  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") catchUp();
  else keep();
  document.addEventListener("htmx:after:swap", keep);
  document.addEventListener("visibilitychange", catchUp);
  window.addEventListener("pageshow", (event) => { if (event.persisted) catchUp(); });

  document.addEventListener("cart:added", () => {
    const drawer = document.getElementById("cart-drawer");
    if (drawer && !drawer.open) drawer.showModal();
    if (document.getElementById("cart")) askAgain();  // Something was added from the shelf below it.
  });
})();
