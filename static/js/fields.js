// Steps a quantity, shows or hides a password, takes back the complaint about a field that was changed since, and changes
// the colours at once while the form saves the choice.
(() => {
  const step = (button) => {
    const field = button.parentElement.querySelector("input[type=number]");
    if (!field) return;
    if (Number(button.dataset.step) > 0) field.stepUp();
    else field.stepDown();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const reveal = (button) => {
    const field = document.getElementById(button.dataset.reveal);
    if (!field) return;
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) step(button);
    if (button?.dataset.reveal) reveal(button);
  });

  // The server alone knows whether it is right now; until it is asked again, nothing is said.
  const forgive = (field) => {
    const error = document.getElementById(`${field.id}_error`);
    if (!error || field.getAttribute("aria-invalid") !== "true") return;
    const notes = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
    if (notes.length) field.setAttribute("aria-describedby", notes.join(" "));
    else field.removeAttribute("aria-describedby");
    field.removeAttribute("aria-invalid");
    error.dataset.past = "";  // It keeps its place: nothing moves away from under a press on the button.
  };

  document.addEventListener("change", (event) => {
    if (event.target.value?.trim()) forgive(event.target);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("[data-themes]") || button?.name !== "theme") return;
    event.preventDefault();
    const root = document.documentElement;
    if (button.value === "system") delete root.dataset.theme;
    else root.dataset.theme = button.value;
    for (const each of form.querySelectorAll("button[name=theme]")) {
      each.setAttribute("aria-pressed", String(each.value === button.value));
    }
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)), redirect: "manual" });
  });
})();
