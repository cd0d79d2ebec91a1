// Opens the drawer once the cart has been filled into it: the answer to an addition carries HX-Trigger: cart:added.
// The answer itself brings the new number beside the bag and what is said of it (see docs/design.md).
(() => {
  document.addEventListener("cart:added", () => {
    const drawer = document.getElementById("cart-drawer");
    if (drawer && !drawer.open) drawer.showModal();
  });
})();
