// Lists of products: another order is asked for at once, the list says that it is busy, filters that were unfolded stay so when
// their counts arrive, and whoever asks for more is led on to the first that came: a product, a value of a filter.
(() => {
  let open = new Map();
  let asked = null; // What holds those that were asked for more of, and how many there were.

  const facets = () => document.querySelectorAll("#facets details[id]");

  // It stands outside its form, which therefore does not hear of it.
  document.addEventListener("change", ({ target }) => {
    if (target.id === "sort") target.form.requestSubmit();
  });

  const moreOf = (link) => {
    if (link.matches?.("[data-more]")) return "#shelf > li a";
    return link.matches?.(".facet__all") ? `#${link.closest("details").id} input` : "";
  };

  const setBusy = (busy) => {
    const results = document.getElementById("results");
    if (busy) results?.setAttribute("aria-busy", "true");
    else results?.removeAttribute("aria-busy");
  };

  document.addEventListener("htmx:before:request", ({ target }) => {
    open = new Map([...facets()].map((facet) => [facet.id, facet.open]));
    const of = moreOf(target);
    asked = of && { of, after: document.querySelectorAll(of).length };
    if (target.matches?.("#filters, #results *, .facet__all")) setBusy(true);
  });

  // A request that failed leaves the list as it was; an answer brings another one, or more of it.
  document.addEventListener("htmx:finally:request", () => setBusy(false));

  document.addEventListener("htmx:after:settle", () => {
    facets().forEach((facet) => { if (open.get(facet.id)) facet.open = true; });
    if (asked) document.querySelectorAll(asked.of)[asked.after]?.focus();
    asked = null;
  });

  // The button that opened the filters was exchanged with the list, so the browser cannot give the focus back to it.
  document.addEventListener("close", ({ target }) => {
    const active = document.activeElement;
    if (target.id !== "filter-panel" || !(active === document.body || target.contains(active))) return;
    document.querySelector(".filters__open")?.focus();
  }, true);
})();
