// Shows that a form is on its way, and sends it once. The button comes back when the page is shown again by Back, and after
// some seconds without an answer: whoever presses it then is told how things stand.
(() => {
  const PATIENCE = 8000;
  const said = document.getElementById("announcement");

  // Enter presses a form's first button, which may be out of sight.
  const buttons = (form, pressed) => [pressed, form.querySelector(".button--buy")].filter(Boolean);

  const release = (form, button) => {
    delete form.dataset.sent;
    for (const each of buttons(form, button)) each.removeAttribute("aria-disabled");
    if (said) said.textContent = "";
  };

  // On the window: whoever takes the form out of the browser's hands, as htmx does, has done so by then.
  window.addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    // Not form.method, which is a field where a form has one of that name.
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const each of buttons(form, button)) each.setAttribute("aria-disabled", "true");
    if (said) said.textContent = said.dataset.sending;
    const timer = setTimeout(() => release(form, button), PATIENCE);
    window.addEventListener("pageshow", () => { clearTimeout(timer); release(form, button); }, { once: true });
  });
})();
