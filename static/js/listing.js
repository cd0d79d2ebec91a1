// Lists of products: another order is asked for at once, filters that were unfolded stay so when their counts arrive, and
// “show more” leads on to the first product that it brought.
(() => {
  let open = new Map();
  let shown = 0;

  const facets = () => document.querySelectorAll("#facets details[id]");

  // It stands outside its form, which therefore does not hear of it.
  document.addEventListener("change", ({ target }) => {
    if (target.id === "sort") target.form.requestSubmit();
  });

  document.addEventListener("htmx:before:request", ({ target }) => {
    open = new Map([...facets()].map((facet) => [facet.id, facet.open]));
    shown = target.matches?.("[data-more]") ? document.querySelectorAll("#shelf > li").length : 0;
  });

  document.addEventListener("htmx:after:settle", () => {
    facets().forEach((facet) => { if (open.get(facet.id)) facet.open = true; });
    if (shown) document.querySelectorAll("#shelf > li")[shown]?.querySelector("a")?.focus();
    shown = 0;
  });
})();
