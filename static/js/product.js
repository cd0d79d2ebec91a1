// Product page: shows the buy bar once the real button has gone by, adds once for a double click, filters a long list of
// values, and leads to the quantity when the cart refused it. Swapping the page's middle starts it afresh.
(() => {
  let observer;

  const watch = () => {
    observer?.disconnect();
    const bar = document.querySelector(".buy-bar");
    const form = document.querySelector("[data-buy]");
    if (!bar || !form) return;
    observer = new IntersectionObserver(
      ([entry]) => bar.classList.toggle("is-shown", !entry.isIntersecting),
      { rootMargin: "0px 0px 9999px" },
    );
    observer.observe(form);
  };

  const filter = (field) => {
    const wanted = field.value.trim().toLocaleLowerCase();
    const items = [...document.getElementById(field.dataset.filters).children];
    items.forEach((item) => { item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted); });
    const count = items.filter((item) => !item.hidden).length;
    const said = field.parentElement.querySelector("[role=status]");
    said.textContent = count ? said.dataset.some.replace("{count}", count) : said.dataset.none;
    said.classList.toggle("visually-hidden", count > 0);
  };

  // A list with a filter starts at the value that is chosen, without moving the page.
  const unfold = () => document.querySelectorAll(".option__filter").forEach((each) => {
    each.hidden = false;
    const list = document.getElementById(each.querySelector("input").dataset.filters);
    const chosen = list.querySelector("[aria-current]");
    if (chosen) list.scrollTop = chosen.offsetTop - list.offsetTop - list.clientHeight / 3;
  });

  const refuse = () => {
    const field = document.getElementById("quantity");
    if (!document.querySelector("#buy-problem > *") || !field) return;
    field.setAttribute("aria-invalid", "true");
    field.focus();
    field.select();
  };

  const forgive = () => {
    document.getElementById("quantity")?.removeAttribute("aria-invalid");
    document.getElementById("buy-problem")?.replaceChildren();
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filters]")) filter(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("[data-filters]");
    if (!field || event.key !== "ArrowDown") return;
    event.preventDefault();
    document.querySelector(`#${field.dataset.filters} li:not([hidden]) a`)?.focus();
  });

  // The second click of a double click would add another one.
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest(".button--buy")) event.preventDefault();
  });

  document.addEventListener("cart:added", forgive);
  document.addEventListener("htmx:after:swap", () => { watch(); unfold(); refuse(); });
  watch();
  unfold();
})();
