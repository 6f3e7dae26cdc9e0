// A passkey instead of a code: <form data-passkey="get|create" data-options="JSON">, hidden unless the browser supports it.
// The answer goes into the field `credential`, and the form is sent like any other. Without this file, codes are used.
"use strict";

function decoded(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function encoded(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function asked(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = decoded(options.challenge);
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey: options });
  options.user.id = decoded(options.user.id);
  for (const known of options.excludeCredentials) known.id = decoded(known.id);
  return navigator.credentials.create({ publicKey: options });
}

function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = encoded(credential.response[part]);
  }
  const id = encoded(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  let waits = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.credential;
    if (field.value) return;
    event.preventDefault();
    event.stopPropagation(); // nothing is sent yet
    if (waits) return;
    waits = true;
    const said = form.querySelector("[role=alert]");
    said.textContent = "";
    try {
      field.value = written(await asked(form));
      form.requestSubmit();
    } catch {
      said.textContent = form.dataset.failed;
    }
    waits = false;
  });
}
