// Lets htmx work under the site's policy: its markup passes one Trusted Types policy, and it may never compile a string.
(() => {
  const refuse = () => { throw new Error("The shop runs no code from strings."); };
  const policy = window.trustedTypes?.createPolicy("htmx", {
    createHTML: (markup) => markup,
    createScript: () => "",
  });
  htmx.registerExtension("shop-security", {
    init(api) { api.initSecurity(policy, refuse, refuse); },
  });
})();
