// Passkeys: asks the browser for one and puts the answer into its form, which is then sent as any other.
// A form says what it wants in data-passkey: "create", "get", or "sign-in". The last asks the server for its question when it is
// needed, and also offers passkeys among what the browser fills in.
(() => {
  // A passkey belongs to a name: a shop that is called by a number has none.
  if (!window.PublicKeyCredential || /^[\d.]+$|:/.test(location.hostname)) return;

  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0),
  );
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

  const create = ({ publicKey }) => navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      // One that signs in by itself, and knows its owner.
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
  });

  const get = ({ publicKey }, more = {}) => navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
    ...more,
  });

  const written = (credential) => {
    const { response } = credential;
    const parts = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) parts[name] = text(response[name]);
    }
    if (response.getTransports) parts.transports = response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: parts,
    });
  };

  // The offer in the field and the button may both be answered; a second answer would find the first one's session.
  let isSent = false;

  const send = (form, credential) => {
    if (isSent) return;
    isSent = true;
    form.elements.credential.value = written(credential);
    form.submit();
  };

  const asked = async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`passkeys: ${answer.status}`);
    return (await answer.json()).request_options;
  };

  // One question of the browser at a time: the one that waits in the field steps back for a button.
  let waiting = null;

  const act = async (form) => {
    if (isSent) return;
    waiting?.abort();
    const problem = form.querySelector("[data-passkey-problem]");
    if (problem) problem.hidden = true;
    try {
      const options = form.dataset.passkey === "sign-in"
        ? await asked(form)
        : JSON.parse(document.getElementById("passkey-options").textContent);
      const key = form.dataset.passkey === "create"
        ? await create(options.creation_options)
        : await get(options.request_options ?? options);
      send(form, key);
    } catch {
      // Called off, timed out, or none on this device: the browser does not say which.
      if (problem) problem.hidden = false;
    }
  };

  const offer = async (form) => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    waiting = new AbortController();
    try {
      send(form, await get(await asked(form), { mediation: "conditional", signal: waiting.signal }));
    } catch { /* Another way was taken. */ }
  };

  // A page that is shown again, as it was when it was left.
  window.addEventListener("pageshow", () => { isSent = false; });

  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    // Until now a press would have sent the form without a passkey.
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(form);
    });
    if (form.dataset.passkey === "sign-in" && document.querySelector("[autocomplete~=webauthn]")) offer(form);
  }
})();
