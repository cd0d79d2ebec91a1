/* The conditions of a collection: a row asks only for what its kind needs. Without scripts all fields are there. */
document.addEventListener("DOMContentLoaded", () => {
  const needs = {
    category: ["category"],
    brand: ["brand"],
    tag: ["text"],
    attribute: ["attribute", "text", "low", "high"],
    price: ["low", "high"],
    sale: [],
    new: ["high"],
    stock: [],
    rating: ["low"],
  };

  const show = (row) => {
    const kind = row.querySelector(".field-kind select")?.value;
    for (const name of ["category", "brand", "attribute", "text", "low", "high"]) {
      const cell = row.querySelector(`.field-${name}`);
      cell?.classList.toggle("is-not-asked", !(needs[kind] ?? []).includes(name));
    }
  };

  const group = document.getElementById("conditions-group");
  group?.addEventListener("change", (event) => {
    if (event.target.matches(".field-kind select")) show(event.target.closest("tr"));
  });
  const all = () => group?.querySelectorAll("tr.form-row:not(.empty-form)").forEach(show);
  document.addEventListener("formset:added", all);
  all();
});
