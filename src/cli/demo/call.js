// Puts a button behind the telephone number at the top of the page: it has the demo's carrier call whatever the link beside it
// leads to by then.
for (const link of document.querySelectorAll(".top a[href^='tel:']")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "call";
  button.textContent = "Call this number";
  const told = document.createElement("output");
  told.className = "call";
  link.after(button, told);
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = "It rings …";
    told.textContent = await call(decodeURIComponent(link.getAttribute("href"))).catch(String);
    button.disabled = false;
  });
}

async function call(number) {
  const answer = await fetch("/demo/call", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ number }),
  });
  if (!answer.ok) return answer.text();
  const { call, line, trouble } = await answer.json();
  if (trouble || !call) return trouble ?? "The ledger doesn't know of the call.";
  return line.split("\n")[0];
}
