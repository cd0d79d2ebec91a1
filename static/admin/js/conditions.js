/* The conditions of a collection: each asks only for what its kind needs. Without scripts all fields are there. */
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

  const show = (condition) => {
    const asked = needs[condition.querySelector(".field-kind select")?.value] ?? [];
    for (const name of ["category", "brand", "attribute", "text", "low", "high"]) {
      const box = condition.querySelector(`.fieldBox.field-${name}`);
      box?.classList.toggle("is-not-asked", !asked.includes(name));
    }
    condition.querySelector(".form-row:has(.fieldBox)")?.classList.toggle("is-not-asked", !asked.length);
  };

  const group = document.getElementById("conditions-group");
  group?.addEventListener("change", (event) => {
    if (event.target.matches(".field-kind select")) show(event.target.closest(".inline-related"));
  });
  const all = () => group?.querySelectorAll(".inline-related:not(.empty-form)").forEach(show);
  document.addEventListener("formset:added", all);
  all();
});
