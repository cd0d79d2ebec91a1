// Says that a change did not arrive, and offers to try again; what was on the page stays. The words stand in
// <template id="toast-…">, so that they are translated. A toast goes into the open dialog, if there is one, since a
// modal dialog makes the rest of the page deaf.
(() => {
  const clear = () => document.querySelectorAll("[data-failure]").forEach((toast) => toast.remove());

  const repeat = ({ sourceElement: element, request }) => {
    if (element instanceof HTMLFormElement) {
      element.requestSubmit(request.submitter?.isConnected ? request.submitter : null);
    } else if (element.form) element.form.requestSubmit();
    else element.click();
  };

  const say = (name, ctx) => {
    const template = document.getElementById(`toast-${name}`);
    if (!template) return;
    clear();
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-retry]")?.addEventListener("click", () => { clear(); repeat(ctx); });
    (document.querySelector("dialog[open]") ?? document.body).append(toast);
  };

  document.addEventListener("htmx:before:request", clear);

  document.addEventListener("htmx:error", ({ detail }) => {
    if (detail.ctx) say("offline", detail.ctx);
  });

  // 409 and 422 bring their own words and are swapped in.
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { status } = ctx.response;
    if (status === 409 || status === 422) return;
    if (status === 429) say("busy", ctx);
    else say(status >= 500 ? "failure" : "refused", ctx);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    button?.closest(button.dataset.dismiss)?.remove();
  });
})();
