// A component as it is written for React and Preact: it tells its number in one form, and at a press in another.
export const contact = ({ createElement: h, useEffect, useState }) =>
  function Contact({ hydrated }) {
    const [number, setNumber] = useState("(212) 555-0100");
    useEffect(() => hydrated(), []);
    return h(
      "main",
      null,
      h("h1", null, "Call ", number, " now"),
      h("p", null, number),
      h("a", { href: "tel:+12125550100", title: "Ring 212-555-0100" }, "+1 212-555-0100"),
      h("input", { placeholder: "Like 212-555-0100" }),
      h("button", { onClick: () => setNumber("212.555.0100") }, "With dots"),
    );
  };
